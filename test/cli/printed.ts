/**
 * @file What a command prints that runs in this process.
 */

import { vi } from 'vitest';

/** Runs `work`, and gives the lines that it wrote to stdout and to stderr. */
export async function printedBy(
  work: () => Promise<unknown>,
): Promise<{ stdout: string[]; stderr: string[] }> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += text;
      return true;
    }),
  );
  try {
    await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  const linesOf = (text: string) => text.split('\n').slice(0, -1);
  return { stdout: linesOf(written.stdout), stderr: linesOf(written.stderr) };
}
