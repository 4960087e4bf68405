/**
 * @file What `fovea laboratory` prints and how it exits; what it measures is a stand-in here.
 */

import { afterEach, expect, test, vi } from 'vitest';
import { laboratoryCommand } from '../../src/cli/laboratory.ts';
import type { AdapterFigures } from '../../src/laboratory/figures.ts';
import type { MeasureAdapterOptions } from '../../src/laboratory/measure-adapter.ts';
import { ADAPTER_FIGURES } from '../support/adapter-figures.ts';
import { runInProcess } from './run-in-process.ts';

const { measureAdapter } = vi.hoisted(() => ({
  measureAdapter: vi.fn<(device: unknown, options: MeasureAdapterOptions) => Promise<AdapterFigures>>(),
}));
vi.mock('../../src/laboratory/measure-adapter.ts', () => ({ measureAdapter }));

/** What the command writes to stdout, and the exit code it leaves. */
function run(figures: AdapterFigures, ...args: string[]) {
  measureAdapter.mockResolvedValue(figures);
  return runInProcess(laboratoryCommand, args);
}

afterEach(() => vi.restoreAllMocks());

test('Markdown, or one JSON object that says what machine it was', async () => {
  const { written, code } = await run(ADAPTER_FIGURES);
  expect(code).toBe(0);
  expect(written).toContain('# a card\n\nfovea 0.1.0, in Node.js 22.11.0, a test');
  const { written: json } = await run(ADAPTER_FIGURES, '--json', '--quick', '--machine', 'mine');
  expect(JSON.parse(json)).toEqual(ADAPTER_FIGURES);
  expect(measureAdapter.mock.lastCall![1]).toMatchObject({ quick: true, machine: 'mine' });
});

test('1 where the certificate has not passed', async () => {
  const certificate = { ...ADAPTER_FIGURES.certificate!, passed: false };
  expect((await run({ ...ADAPTER_FIGURES, certificate })).code).toBe(1);
});
