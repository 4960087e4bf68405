/**
 * @file The page's side of the engine.
 */

import { Failed, type Failure } from './failure.ts';
import type { Reply, Request } from './protocol.ts';
import type { EventOf, InputOf, ResultOf, TaskName } from './tasks.ts';

/** How a task is run. */
export interface RunOptions<Event> {
  /** Called with what the task tells. */
  readonly onEvent?: (event: Event) => void;
  /** Asks the task to stop; how it ends then is up to it. */
  readonly signal?: AbortSignal;
  /** What of the input changes hands instead of being copied. */
  readonly transfer?: Transferable[];
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Failed) => void;
  readonly onEvent: ((event: unknown) => void) | undefined;
}

const pending = new Map<number, Pending>();
let worker: Worker | undefined;
let lastId = 0;

/** Has the engine run a task. Rejects with {@link Failed}. */
export function runTask<Name extends TaskName>(
  name: Name,
  input: InputOf<Name>,
  options: RunOptions<EventOf<Name>> = {},
): Promise<ResultOf<Name>> {
  const id = ++lastId;
  const { onEvent, signal, transfer } = options;
  return new Promise<unknown>((resolve, reject) => {
    pending.set(id, { resolve, reject, onEvent: onEvent as Pending['onEvent'] });
    post({ kind: 'run', id, task: name, input }, transfer);
    const abort = () => post({ kind: 'abort', id });
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  }) as Promise<ResultOf<Name>>;
}

function post(request: Request, transfer: Transferable[] = []): void {
  worker ??= start();
  worker.postMessage(request, transfer);
}

function start(): Worker {
  const started = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'engine' });
  started.onmessage = ({ data }: MessageEvent<Reply>) => settle(data);
  started.onerror = (event) => {
    event.preventDefault();
    started.terminate();
    worker = undefined;
    failAll({ kind: 'crashed', detail: event.message || 'The engine ended.' });
  };
  return started;
}

function settle(reply: Reply): void {
  const task = pending.get(reply.id);
  if (reply.kind === 'event') {
    task?.onEvent?.(reply.event);
    return;
  }
  pending.delete(reply.id);
  if (reply.kind === 'result') task?.resolve(reply.result);
  else task?.reject(errorOf(reply.failure));
}

function failAll(failure: Failure): void {
  const tasks = [...pending.values()];
  pending.clear();
  for (const { reject } of tasks) reject(errorOf(failure));
}

const errorOf = ({ kind, detail }: Failure) => new Failed(kind, detail);
