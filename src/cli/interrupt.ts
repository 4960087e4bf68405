/**
 * @file Being asked to stop: by Ctrl-C, by the system, or because nobody reads the output any more.
 */

import type { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { warn } from './output.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** SIGPIPE is what {@link stopWhenUnread} stands for. */
type Signal = (typeof SIGNALS)[number] | 'SIGPIPE';

/** The event of the process that {@link stopWhenUnread} emits. To listen to SIGPIPE itself changes what Node does about it. */
const UNREAD = 'fovea:unread';
const events: EventEmitter = process;

/** A wish to stop. */
export interface Interrupt {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** What a shell gives a process that the signal ended; undefined before. */
  readonly exitCode: number | undefined;
  /** Gives the signals back their usual meaning. */
  release(): void;
}

/** Takes the signals that usually end the process: the first only asks to stop, the second ends it. */
export function listenForInterrupt(onFirst: (signal: Signal) => void): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const listener = (signal: Signal) => {
    if (exitCode === undefined) {
      exitCode = exitCodeOf(signal);
      onFirst(signal);
      controller.abort();
    } else if (signal !== 'SIGPIPE') {
      process.exit(exitCodeOf(signal));
    }
  };
  const onUnread = () => listener('SIGPIPE');
  for (const signal of SIGNALS) process.on(signal, listener);
  events.on(UNREAD, onUnread);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release() {
      for (const signal of SIGNALS) process.off(signal, listener);
      events.off(UNREAD, onUnread);
    },
  };
}

/**
 * Handles output that cannot be written: a pipe whose reader has ended (`fovea … | head`), a full disk. It counts as SIGPIPE,
 * which ends other programs by itself.
 */
export function stopWhenUnread(): void {
  let unread = false;
  process.stderr.on('error', () => {}); // there is nowhere left to tell it
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (unread) return;
    unread = true;
    if (error.code !== 'EPIPE') warn(`fovea: cannot write to standard output: ${error.message}`);
    if (!events.emit(UNREAD)) process.exit(exitCodeOf('SIGPIPE'));
  });
}

function exitCodeOf(signal: Signal): number {
  return 128 + constants.signals[signal];
}
