/**
 * @file `fovea convert CHECKPOINT OUT.pdopt`: what the optimizer of a training remembers, for Paddle to go on with.
 */

import { counted } from '../counted.ts';
import { check } from '../errors.ts';
import { encodePaddleOptimizer } from '../interop/paddle.ts';
import { fromOriginal } from '../interop/resnet-state.ts';
import { writeFileAtomic } from '../io/write-file.ts';
import { loadClassifier } from './load-classifier.ts';
import { print } from './output.ts';

/**
 * Writes the velocities of a checkpoint to `output`. The next update's rate is `learningRate`, or that with which the training began. Throws
 * 'bad-file' where `input` is no checkpoint, 'bad-data' where its optimizer remembers nothing, 'invalid-argument' where it is no `Momentum`.
 */
export async function convertOptimizer(
  input: string,
  output: string,
  learningRate: number | undefined,
): Promise<void> {
  const { config, optimizer, settings = {} } = await loadClassifier(input, '<in>');
  const rate = learningRate ?? settings.lr;
  check(typeof rate === 'number', 'invalid-argument', () => {
    return `${input} does not say at which rate it was trained: give --lr, the rate of the next update.`;
  });
  const names = fromOriginal(config.layers, 'original', new Map());
  const parameterNames = new Map(names.map(({ original, parameter }) => [original, parameter]));
  const bytes = encodePaddleOptimizer(optimizer, { parameterNames, learningRate: rate });
  const velocities = optimizer.slots.velocity?.size ?? 0;
  check(velocities > 0, 'bad-data', () => {
    return `${input} has no velocities: it holds weights that were converted, not the state of a training.`;
  });
  await writeFileAtomic(output, bytes);
  print(
    `${output}: ${counted(velocities, 'velocity', 'velocities')} after ${counted(optimizer.step, 'update')}, next rate ${rate}`,
  );
}
