/**
 * @file Ctrl-C: the first asks to stop, the second ends the process.
 */

const EXIT_CODE = 130;

/** A signal that the first Ctrl-C aborts; `release` gives Ctrl-C back its usual meaning. */
export function interruptSignal(onFirst: () => void): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const listener = () => {
    if (controller.signal.aborted) process.exit(EXIT_CODE);
    onFirst();
    controller.abort();
    process.exitCode = EXIT_CODE;
  };
  process.on('SIGINT', listener);
  return { signal: controller.signal, release: () => process.off('SIGINT', listener) };
}
