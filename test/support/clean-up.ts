/**
 * @file What is to be done at the end of a test file. Files share a process and its modules, so that a module's own `afterAll` would
 * be that of the first file only.
 */

const work: (() => unknown)[] = [];

/** Has `undo` called, and awaited, after the last test of the file that runs. */
export function atEndOfFile(undo: () => unknown): void {
  work.push(undo);
}

/** Calls, last first, what {@link atEndOfFile} was given. */
export async function cleanUp(): Promise<void> {
  for (const undo of work.splice(0).reverse()) await undo();
}
