import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fovea } from './fovea.ts';

const SMALL = ['--layers', '18', '--size', '32', '--batch', '1', '--inference', '--adapter', 'software'];

test('a budget that is spent at once decides nothing, says so, and is no failure', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-tune-'));
  const before = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = folder;
  try {
    const { code, stdout, stderr } = await fovea('tune', ...SMALL, '--budget', '1e-9');
    expect(code, stderr).toBe(0);
    const [, undecided, total] = /Stopped: (\d+) of (\d+) passes/.exec(stdout)!;
    expect(undecided).toBe(total);
    expect(Number(total)).toBeGreaterThan(10);
    expect(stdout).toContain('0 of 0 passes run faster');
    const files = await readdir(folder, { recursive: true });
    expect(files.filter((file) => /tuning-.*json$/.test(file))).toHaveLength(1);
  } finally {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
    await rm(folder, { recursive: true });
  }
});
