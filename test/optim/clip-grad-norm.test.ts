import { expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { add, multiply, sum } from '../../src/autograd/ops.ts';
import { Parameter } from '../../src/nn/parameter.ts';
import { clipGradNorm } from '../../src/optim/clip-grad-norm.ts';
import { SGD } from '../../src/optim/sgd.ts';
import { tensor, upload } from '../../src/tensor/create.ts';
import { scope } from '../../src/tensor/scope.ts';
import { openTestDevice } from '../support/device.ts';
import { expectValues, FIXTURE, giveGradients, initialParameters } from './pytorch.ts';

test.each(FIXTURE.clipped)('clips as PyTorch does at $maxNorm', async ({ maxNorm, norms, trace }) => {
  const parameters = await initialParameters();
  const optimizer = new SGD({ parameters, learningRate: 1 });
  for (const [step, expected] of trace.entries()) {
    giveGradients(parameters, step);
    // The gradients of an arena and a list of parameters come to the same.
    const norm = await clipGradNorm(step % 2 ? optimizer : parameters, maxNorm).item();
    expect(Math.abs(norm - norms[step]!)).toBeLessThan(1e-6 * norms[step]!);
    optimizer.step();
    optimizer.clearGradients();
    await expectValues(parameters, expected);
  }
  optimizer.dispose();
});

test('takes many gradients, in an arena or not, to the same bits', async () => {
  const device = await openTestDevice();
  const make = () => {
    // Several workgroups' worth of the first, and a filter whose channels are padded.
    return [[70_001], [3], [5, 3, 3, 3]].map((shape, p) => {
      const size = shape.reduce((product, extent) => product * extent);
      const layout = shape.length === 4 ? ({ layout: 'filter' } as const) : {};
      const parameter = new Parameter(device, new Float32Array(size).fill(1), shape, layout);
      parameter.name = `${p}`;
      return parameter;
    });
  };
  const values = (size: number) => Float32Array.from({ length: size }, (_, i) => Math.sin(i) / 100);
  const giveAll = (parameters: readonly Parameter[]) => {
    scope(device, () => {
      const losses = parameters.map((p) =>
        sum(multiply(p.tensor, tensor(device, values(p.size), p.shape, { layout: p.tensor.layout }))),
      );
      backward(losses.reduce((total, loss) => add(total, loss)));
    });
  };
  const alone = make();
  giveAll(alone);
  const norm = clipGradNorm(alone, 1);
  const sizes = alone.map(({ size }) => values(size));
  const expected = Math.sqrt(
    sizes.flatMap((x) => [x.reduce((total, v) => total + v * v, 0)]).reduce((a, b) => a + b),
  );
  expect(Math.abs((await norm.item()) - expected)).toBeLessThan(1e-5 * expected);
  for (const [i, { grad }] of alone.entries()) {
    const clipped = await grad!.data();
    for (const place of [0, 1, clipped.length - 1])
      expect(clipped[place]).toBeCloseTo(sizes[i]![place]! / expected, 7);
  }
  const together = make();
  const optimizer = new SGD({ parameters: together, learningRate: 1 });
  giveAll(together);
  const { dispatches } = device.statistics;
  const first = await clipGradNorm(optimizer, 1).item();
  expect(device.statistics.dispatches - dispatches).toBe(3);
  for (const { tensor, grad } of together) upload(grad!, values(tensor.size));
  expect(await clipGradNorm(optimizer, 1).item()).toBe(first);
  device.destroy();
});

test('gradients below the limit stay as they are, an infinite limit only measures', async () => {
  const parameters = await initialParameters();
  giveGradients(parameters, 0);
  for (const limit of [1000, Number.POSITIVE_INFINITY]) {
    expect(await clipGradNorm(parameters, limit).item()).toBeGreaterThan(10);
    const expected = Float32Array.from(FIXTURE.gradients[0]!.weight!);
    expect(await parameters[0]!.grad!.data()).toEqual(expected);
  }
});

test('a norm that is no number spoils every gradient that is not zero', async () => {
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, 1e30]) {
    const parameters = await initialParameters();
    giveGradients(parameters, 0);
    upload(parameters[1]!.grad!, [wrong, 0, 1]);
    const norm = await clipGradNorm(parameters, 1).item();
    expect(Number.isFinite(norm)).toBe(false);
    expect([...(await parameters[1]!.grad!.data())]).toEqual([Number.NaN, 0, Number.NaN]);
    for (const gradient of await parameters[0]!.grad!.data()) expect(gradient).toBeNaN();
  }
});

test('without gradients the norm is 0; what is no limit or parameter is refused', async () => {
  const parameters = await initialParameters();
  expect(await clipGradNorm(parameters, 1).item()).toBe(0);
  expect(() => clipGradNorm(parameters, 0)).toThrow(/maxNorm of clipGradNorm is 0/);
  expect(() => clipGradNorm([], 1)).toThrow(/no parameters/);
  expect(() => clipGradNorm([1 as never], 1)).toThrow(
    /parameter 0 of clipGradNorm is 1: .* or the optimizer/,
  );
});
