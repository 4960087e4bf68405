/**
 * @file What `fovea convert` writes of a training's checkpoint, for Paddle to go on with.
 */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { convertCommand } from '../../src/cli/convert.ts';
import { decodePaddleOptimizer } from '../../src/interop/paddle.ts';
import { encodeSafetensors } from '../../src/io/safetensors.ts';
import type { StateDict } from '../../src/nn/state-dict.ts';
import { saveCheckpoint } from '../../src/train/checkpoint-file.ts';
import { BEGINNING } from '../../src/train/progress.ts';
import { runInProcess } from './run-in-process.ts';

/** Of some parameters: the others would be 45 MB. */
const velocity: StateDict = new Map([
  ['conv._conv.weight', { shape: [64, 3, 7, 7], data: new Float32Array(64 * 3 * 7 * 7).fill(0.5) }],
  ['bb_1_0.short._batch_norm.bias', { shape: [128], data: new Float32Array(128).fill(-2) }],
  ['out.weight', { shape: [512, 1], data: new Float32Array(512).fill(3e-39) }],
]);
let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-convert-'));
  const config = { layers: 18, classDim: 1, size: 64, channelOrder: 'bgr' } as const;
  const about = { config, progress: BEGINNING, model: new Map() };
  const optimizer = { name: 'Momentum', step: 7, slots: { velocity } };
  const nothing = { ...optimizer, slots: { velocity: new Map() } };
  await saveCheckpoint(at('trained.safetensors'), { ...about, optimizer, settings: { lr: 0.25 } });
  await saveCheckpoint(at('converted.safetensors'), { ...about, optimizer: nothing });
  const adam = { name: 'AdamW', step: 7, slots: {} };
  await saveCheckpoint(at('adam.safetensors'), { ...about, optimizer: adam, settings: { lr: 0.25 } });
  await writeFile(at('other.safetensors'), encodeSafetensors(velocity));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the command in this process; returns what it prints. */
async function convert(...args: string[]): Promise<string> {
  try {
    return (await runInProcess(convertCommand, args)).written;
  } finally {
    vi.restoreAllMocks();
    for (const option of ['lr', 'to', 'force']) convertCommand.setOptionValue(option, undefined);
  }
}

test('the velocities of a training become a .pdopt by Paddle’s names', async () => {
  expect(await convert(at('trained.safetensors'), at('palm.pdopt'))).toBe(
    `${at('palm.pdopt')}: 3 velocities after 7 updates, next rate 0.25\n`,
  );
  const { velocities, step } = decodePaddleOptimizer(await readFile(at('palm.pdopt')));
  expect([velocities.size, step]).toEqual([3, 7]);
  for (const [ours, paddle] of [
    ['conv._conv.weight', 'conv2d_0.w_0'],
    ['bb_1_0.short._batch_norm.bias', 'batch_norm_7.b_0'],
    ['out.weight', 'linear_0.w_0'],
  ] as const) {
    const { shape, data } = velocities.get(paddle)!;
    const expected = velocity.get(ours)!;
    expect([shape, data[0], data.at(-1)]).toEqual([expected.shape, expected.data[0], expected.data[0]]);
  }
});

test('refuses what makes no .pdopt, files that exist, and options that say nothing of what is written', async () => {
  const out = at('another.pdopt');
  for (const [args, message] of [
    [['converted.safetensors', '--lr', '1'], /has no velocities/],
    [['converted.safetensors'], /does not say at which rate/],
    [['adam.safetensors'], /of a Momentum, not of AdamW/],
    [['other.safetensors'], /other\.safetensors.* a checkpoint has/],
    [['trained.safetensors', '--to', 'original'], /--to does not go with .*another\.pdopt/],
  ] as const) {
    const [input, ...options] = args;
    await expect(convert(at(input), out, ...options)).rejects.toThrow(message);
  }
  await expect(convert(at('trained.safetensors'), at('converted.safetensors'))).rejects.toThrow(/exists/);
});
