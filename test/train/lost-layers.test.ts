import { beforeEach, expect, test } from 'vitest';
import { add, multiply } from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import { tensor } from '../../src/tensor/create.ts';
import { tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { predict } from '../../src/train/inference.ts';
import { testDevice } from '../support/device.ts';
import { noise, TinyNet } from './tiny.ts';

let device: Device;
beforeEach(async () => {
  device = await testDevice();
});

/** A network whose result is multiplied by what `factor` says at each call. */
class Multiplied extends TinyNet {
  factor: () => number | Tensor = () => 1;

  override forward(x: Tensor): Tensor {
    return multiply(super.forward(x), this.factor());
  }
}

const refusal = (message: RegExp) => ({ code: 'not-finite', message: expect.stringMatching(message) });

test('where no inner layer loses the numbers it is the model itself', async () => {
  const model = new Multiplied(device);
  model.factor = () => Number.NaN;
  const tensors = tensorStatistics(device);
  await expect(evaluate(model, noise([3], 1))).rejects.toMatchObject(
    refusal(
      /^the result for 0-0, 0-1, 0-2 is not finite: the first layer whose result is not finite is the model itself; all parameters are finite\. Take an earlier checkpoint, or train with a lower learning rate\.$/,
    ),
  );
  expect(tensorStatistics(device)).toEqual(tensors);
});

test('numbers that are lost once and not again are told so', async () => {
  const model = new Multiplied(device);
  let calls = 0;
  model.factor = () => (calls++ === 0 ? Number.NaN : 1);
  await expect(predict(model, noise([1], 1))).rejects.toMatchObject(
    refusal(/run again, every layer gives finite numbers for it; all parameters are finite/),
  );
});

test('a model that throws when it is run again is told with its reason, and watched no longer', async () => {
  const model = new Multiplied(device);
  let calls = 0;
  model.factor = () => {
    if (calls++ > 0) throw new Error('no more');
    return Number.NaN;
  };
  const tensors = tensorStatistics(device);
  await expect(evaluate(model, noise([1], 1))).rejects.toMatchObject(
    refusal(/the layer could not be found \(no more\).*Take an earlier checkpoint/),
  );
  expect(model.namedModules().some(([, module]) => Object.hasOwn(module, 'forward'))).toBe(false);
  expect(model.training).toBe(true);
  expect(tensorStatistics(device)).toEqual(tensors);
});

test('only the photographs are named whose results are lost', async () => {
  const model = new Multiplied(device);
  model.factor = () => tensor(device, [[1], [Number.NaN], [1], [Number.POSITIVE_INFINITY]]);
  await expect(evaluate(model, noise([4], 1))).rejects.toMatchObject(
    refusal(/^the result for 0-1, 0-3 is not finite: .* is the model itself/),
  );
});

test('where every result is finite and only their mean loss is not, all photographs are named', async () => {
  class Huge extends TinyNet {
    override forward(x: Tensor): Tensor {
      return add(multiply(super.forward(x), 0), -3e38);
    }
  }
  await expect(evaluate(new Huge(device), noise([6], 1))).rejects.toMatchObject(
    refusal(
      /^the result for 0-0, 0-1, 0-2 and 3 more is not finite: run again, every layer gives finite numbers/,
    ),
  );
});
