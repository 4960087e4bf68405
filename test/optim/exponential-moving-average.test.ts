import { expect, test } from 'vitest';
import { Parameter } from '../../src/nn/parameter.ts';
import { ExponentialMovingAverage } from '../../src/optim/exponential-moving-average.ts';
import { SGD } from '../../src/optim/sgd.ts';
import { upload } from '../../src/tensor/create.ts';
import { tensorStatistics } from '../../src/tensor/scope.ts';
import { testDevice } from '../support/device.ts';
import { FIXTURE, giveGradients, initialParameters } from './pytorch.ts';

const { decay, trace } = FIXTURE.averaged;

/** The weight after each of its gradients was added. */
function weights(): Float32Array[] {
  let weight = FIXTURE.initial.weight!;
  return trace.map((_, step) => {
    weight = weight.map((value, i) => value + FIXTURE.gradients[step]!.weight![i]!);
    return Float32Array.from(weight);
  });
}

const dataOf = (parameters: readonly Parameter[]) =>
  Promise.all(parameters.map(({ tensor }) => tensor.data()));

test.each([false, true])("averages as PyTorch's AveragedModel does; in an arena: %s", async (inArena) => {
  const device = await testDevice();
  const parameters = await initialParameters();
  const average = new ExponentialMovingAverage({ parameters, decay });
  // The parameters move after the average was made.
  const optimizer = inArena ? new SGD({ parameters, learningRate: 1 }) : undefined;
  for (const [step, weight] of weights().entries()) {
    upload(parameters[0]!.tensor, weight);
    const { dispatches } = device.statistics;
    average.update();
    expect(device.statistics.dispatches - dispatches).toBe(step === 0 ? 0 : inArena ? 1 : 2);
    const { updates, averages } = await average.stateDict();
    expect(updates).toBe(step + 1);
    trace[step]!.forEach((value, i) => {
      expect(averages.get('weight')!.data[i]).toBeCloseTo(value, 5);
    });
    expect(averages.get('bias')!.data).toEqual(await parameters[1]!.tensor.data());
  }
  const [before, { averages }] = [await dataOf(parameters), await average.stateDict()];
  average.swap();
  expect(average.swapped).toBe(true);
  expect(await dataOf(parameters)).toEqual([...averages.values()].map(({ data }) => data));
  expect(() => average.update()).toThrow(/swap\(\) back before an update/);
  await expect(average.stateDict()).rejects.toThrow(/swap\(\) back before the state is saved/);
  average.swap();
  expect(await dataOf(parameters)).toEqual(before);
  average.swap();
  average.dispose(); // swaps back
  expect(await dataOf(parameters)).toEqual(before);
  expect(() => average.swap()).toThrow(/after it was disposed/);
  optimizer?.dispose();
});

test('resumes to the same bits, and refuses what is of another model', async () => {
  const parameters = await initialParameters();
  const one = new ExponentialMovingAverage({ parameters, decay });
  const optimizer = new SGD({ parameters, learningRate: 0.1 });
  const step = (number: number, ...averages: ExponentialMovingAverage[]) => {
    giveGradients(parameters, number);
    optimizer.step();
    optimizer.clearGradients();
    for (const average of averages) average.update();
  };
  step(0, one);
  step(1, one);
  const two = new ExponentialMovingAverage({ parameters, decay });
  two.loadStateDict(await one.stateDict());
  step(3, one, two);
  const state = await one.stateDict();
  expect(await two.stateDict()).toEqual(state);
  state.averages.delete('bias');
  expect(() => two.loadStateDict(state)).toThrow(/none called bias/);
  for (const average of [one, two]) average.dispose();
  optimizer.dispose();
});

test('gives all memory back, and refuses wrong options', async () => {
  const device = await testDevice();
  const parameter = new Parameter(device, new Float32Array(5), [5]);
  const { bytesInUse } = device.statistics;
  new ExponentialMovingAverage({ parameters: [parameter] }).dispose();
  expect(device.statistics.bytesInUse).toBe(bytesInUse);
  const make = (options: object) => () =>
    new ExponentialMovingAverage({ parameters: [parameter], ...options });
  expect(make({ decay: 1 })).toThrow(/decay of ExponentialMovingAverage is 1/);
  expect(make({ parameters: [] })).toThrow(/no parameters/);
  expect(make({ parameters: [3] })).toThrow(/parameter 0 of ExponentialMovingAverage is 3/);
});

test('the memory of averages counts, and is given back', async () => {
  const device = await testDevice();
  const parameters = await initialParameters();
  const before = tensorStatistics(device).bytes;
  const average = new ExponentialMovingAverage({ parameters, decay });
  expect(tensorStatistics(device).bytes).toBeGreaterThan(before);
  average.dispose();
  average.dispose();
  expect(tensorStatistics(device).bytes).toBe(before);
});
