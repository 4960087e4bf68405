/**
 * @file `fovea demo`: the whole program on drawn photographs, in a few minutes even without a GPU.
 */

import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { AdapterKind } from '../device/adapter-source.ts';
import { adapter, integer } from './arguments.ts';
import { drawOnce } from './demo-photographs.ts';
import { print } from './output.ts';
import { runTraining } from './train/run-training.ts';
import { printOutcome } from './train/start-training.ts';

interface Options {
  readonly size: number;
  readonly batch: number;
  readonly epochs: number;
  readonly adapter: AdapterKind;
}

const TRAINING = 130;
const VALIDATION = 60;
const PHOTO_SIZE = 128;
const SEED = 1;

/** The command `demo`. */
export const demoCommand = new Command('demo')
  .description('draw some photographs and train a ResNet-18 on them')
  .argument('[dir]', 'folder for the photographs and the results', 'fovea-demo')
  .option('--size <pixels>', 'side of the scaled images', integer(32, 4096), 32)
  .option('--batch <n>', 'photographs per step', integer(1, 4096), 10)
  .option('--epochs <n>', 'epochs', integer(1), 3)
  .option('--adapter <kind>', 'auto, hardware or software', adapter, 'auto')
  .action(async (dir: string, { size, batch, epochs, adapter }: Options) => {
    const names = await readdir(dir).catch((): string[] => []);
    const data = resolve(dir, 'data');
    if (!names.includes('data')) print(`Drawing ${TRAINING + VALIDATION} photographs into ${data}`);
    await drawOnce(data, { training: TRAINING, validation: VALIDATION, size: PHOTO_SIZE, seed: SEED });
    const config = {
      train: join(data, 'PALM-Training400'),
      val: join(data, 'PALM-Validation400'),
      labels: join(data, 'labels.csv'),
      layers: 18,
      size,
      batch,
      epochs,
      lr: 0.004,
      seed: SEED,
      onCorrupt: 'throw',
      recalibrate: true,
      best: 'auc',
    } as const;
    const out = join(dir, firstFreeRun(names));
    await printOutcome(await runTraining({ config, out, adapter }), out);
  });

/** `run-1`, or the first number after it that is not taken. */
function firstFreeRun(names: readonly string[]): string {
  let number = 1;
  while (names.includes(`run-${number}`)) number++;
  return `run-${number}`;
}
