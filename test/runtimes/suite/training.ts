/**
 * @file A ResNet-50 trains for three steps: by figures in float64, and to the same bits everywhere.
 */

import type { Device } from '../../../src/device/device.ts';
import { Momentum } from '../../../src/optim/momentum.ts';
import { setTuning } from '../../../src/tensor/tuning.ts';
import {
  computeGradients,
  hashedResNet,
  prepareGradients,
  type Reference,
  readGradients,
  type Setting,
  trainAsReference,
} from '../../golden/train-as-reference.ts';
import { type OpenDevice, onDevice } from './on-device.ts';
import { digestOf, type Reporter } from './report.ts';

/** The check whose digest is the same wherever the adapter is, whatever compiled the kernels. */
export const SAME_BITS = 'gradients of ResNet-50 by the plain kernels';

const SETTING: Setting = { layers: 50, size: 64, batch: 2 };

/** Gradients by the plain kernels, and three steps by the adapter's own choice. */
export async function checkTraining(open: OpenDevice, reporter: Reporter): Promise<void> {
  await reporter.check(SAME_BITS, () => onDevice(open, plainGradients));
  await reporter.check('three training steps of ResNet-50', () => onDevice(open, trainThreeSteps));
}

/** What three steps in float64 gave, by the kernels that a device chooses. */
export async function checkFigures(
  kernels: string,
  open: OpenDevice,
  reference: Reference,
  reporter: Reporter,
): Promise<void> {
  await reporter.check(`figures of float64, ${kernels} kernels`, async () => {
    const worst = await onDevice(open, (device) => trainAsReference(device, reference));
    const missed = worst.filter(({ met }) => !met);
    if (missed.length > 0) throw new Error(JSON.stringify(missed));
    return undefined;
  });
}

async function plainGradients(device: Device): Promise<string> {
  setTuning(device, { algorithmOf: () => 'plain' });
  const model = await hashedResNet(device, SETTING);
  await prepareGradients(model, SETTING);
  computeGradients(model, SETTING, 0);
  return digestOf([...(await readGradients(model)).values()].map(({ data }) => data as Float32Array));
}

/** Three steps on one batch; gives the digest of the weights after them. */
async function trainThreeSteps(device: Device): Promise<string> {
  const model = await hashedResNet(device, SETTING);
  const optimizer = new Momentum({ parameters: model.parameters(), learningRate: 0.001 });
  await prepareGradients(model, SETTING);
  optimizer.clearGradients();
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) {
    const { loss, logits } = computeGradients(model, SETTING, 0);
    optimizer.step();
    optimizer.clearGradients();
    losses.push(await loss.item());
    for (const tensor of [loss, logits]) tensor.dispose();
  }
  if (!(losses[2]! < losses[0]!)) throw new Error(`the loss does not fall: ${losses}`);
  return digestOf([...(await model.stateDict()).values()].map(({ data }) => data as Float32Array));
}
