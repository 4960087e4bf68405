/**
 * @file The networks of examples/: beside PyTorch's of the same weights, and in training.
 */

import {
  AdamW,
  backward,
  crossEntropy,
  Dropout,
  DropPath,
  dice,
  type Module,
  manualSeed,
  scope,
  sigmoid,
  type Tensor,
  tensor,
} from 'fovea';
import { afterAll, describe, expect, test } from 'vitest';
import { ConvNeXtTiny } from '../../examples/convnext-tiny.ts';
import { MobileNetV3Large } from '../../examples/mobilenet-v3-large.ts';
import { UNet } from '../../examples/unet.ts';
import { hashedValues } from '../../src/verify/hashed-values.ts';
import { testDevice } from '../support/device.ts';
import { thoroughly } from '../support/thorough.ts';
import { compareWithPyTorch, readReference } from './pytorch.ts';

const device = await testDevice();

const CLASSES = 10;

/** Image n is of class n. */
const classLoss = (logits: Tensor) =>
  crossEntropy(
    logits,
    tensor(
      device,
      Int32Array.from({ length: logits.shape[0]! }, (_, n) => n % CLASSES),
    ),
  );

/** The mask's pixels are hashed. */
function maskLoss(logits: Tensor): Tensor {
  const mask = hashedValues('mask', logits.size).map((value) => (value > 0 ? 1 : 0));
  return dice(sigmoid(logits), tensor(device, mask, logits.shape));
}

describe.each([
  // The largest by far, which most of the time goes into.
  {
    ...{ name: 'convnext-tiny', make: () => new ConvNeXtTiny(device, CLASSES), loss: classLoss },
    steps: thoroughly(10, 4),
  },
  {
    name: 'mobilenet-v3-large',
    make: () => new MobileNetV3Large(device, CLASSES),
    loss: classLoss,
    steps: 10,
  },
  { name: 'unet', make: () => new UNet(device), loss: maskLoss, steps: 10 },
])('$name', ({ name, make, loss, steps }) => {
  const model = make();
  afterAll(() => model.dispose());

  test("agrees with PyTorch's logits, loss and gradients", async () => {
    for (const [, layer] of model.namedModules())
      if (layer instanceof Dropout || layer instanceof DropPath) layer.eval();
    const difference = await compareWithPyTorch(model, readReference(name), loss);
    expect(difference.logits).toBeLessThan(1e-4);
    expect(difference.loss).toBeLessThan(1e-5);
    expect(difference.gradient, difference.parameter).toBeLessThan(1e-2);
  });

  test(`learns two images in ${steps} steps`, async () => {
    manualSeed(device, 1);
    model.train();
    const losses = await trainSteps(model, loss, steps);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(losses.at(-1)).toBeLessThan(0.9 * losses[0]!);
  });
});

/** The loss before each of some steps of AdamW, always on the same two images. */
async function trainSteps(
  model: Module,
  lossOf: (logits: Tensor) => Tensor,
  steps: number,
): Promise<number[]> {
  const optimizer = new AdamW({ parameters: model.parameters(), learningRate: 1e-3 });
  const images = tensor(device, hashedValues('training', 2 * 3 * 32 * 32), [2, 3, 32, 32]);
  const losses: Tensor[] = [];
  for (let step = 0; step < steps; step++) {
    const loss = scope(device, () => {
      const loss = lossOf(model(images));
      backward(loss);
      optimizer.step();
      optimizer.clearGradients();
      return loss;
    });
    losses.push(loss);
  }
  const values = await Promise.all(losses.map((loss) => loss.item()));
  for (const loss of losses) loss.dispose();
  images.dispose();
  optimizer.dispose();
  return values;
}
