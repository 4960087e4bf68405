/**
 * @file Files that are dropped beside the places for them. A browser would open them in place of the application, and so end a training.
 */

/** Has nothing happen then; places for files take theirs before. */
export function refuseStrayDrops(): void {
  for (const kind of ['dragover', 'drop'] as const)
    addEventListener(kind, (event) => {
      if (event.defaultPrevented) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'none';
    });
}
