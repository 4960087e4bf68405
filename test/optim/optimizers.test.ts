import { describe, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { multiply, sum } from '../../src/autograd/ops.ts';
import { Linear } from '../../src/nn/linear.ts';
import { Parameter } from '../../src/nn/parameter.ts';
import { Sequential } from '../../src/nn/sequential.ts';
import { Adam, AdamW } from '../../src/optim/adam.ts';
import { Momentum } from '../../src/optim/momentum.ts';
import type { Optimizer } from '../../src/optim/optimizer.ts';
import { RMSProp } from '../../src/optim/rms-prop.ts';
import { SGD } from '../../src/optim/sgd.ts';
import { upload } from '../../src/tensor/create.ts';
import { scope } from '../../src/tensor/scope.ts';
import { testDevice } from '../support/device.ts';
import { expectValues, FIXTURE, giveGradients, initialParameters } from './pytorch.ts';

type Make = (options: { parameters: Parameter[]; learningRate: number }) => Optimizer;
const MAKE: Record<string, Make> = {
  SGD: (options) => new SGD(options),
  Momentum: (options) => new Momentum(options),
  Adam: (options) => new Adam(options),
  AdamW: (options) => new AdamW(options),
  RMSProp: (options) => new RMSProp(options),
};

/** An optimizer of a case's; its options are as they stand in the fixture. */
const make = (name: string, parameters: Parameter[], options: object): Optimizer =>
  MAKE[name]!({ parameters, ...options } as Parameters<Make>[0]);

function step(parameters: readonly Parameter[], optimizer: Optimizer, number: number): void {
  giveGradients(parameters, number);
  optimizer.step();
  optimizer.clearGradients();
}

describe("steps as PyTorch's", () => {
  test.each(FIXTURE.cases)('$optimizer $options', async ({ optimizer: name, options, trace }) => {
    const parameters = await initialParameters();
    const optimizer = make(name, parameters, options);
    for (const [number, expected] of trace.entries()) {
      step(parameters, optimizer, number);
      await expectValues(parameters, expected);
    }
    optimizer.dispose();
  });

  test('groups with settings of their own', async () => {
    const parameters = await initialParameters();
    const [weight, bias] = parameters as [Parameter, Parameter];
    const optimizer = new AdamW({
      parameters: [
        { parameters: [weight], learningRate: 0.1 },
        { parameters: [bias], weightDecay: 0 },
      ],
      learningRate: 0.02,
      weightDecay: 0.3,
    });
    expect(optimizer.learningRate).toBe(0.1);
    for (const [number, expected] of FIXTURE.groups.entries()) {
      step(parameters, optimizer, number);
      await expectValues(parameters, expected);
    }
    optimizer.dispose();
  });
});

test.each(FIXTURE.cases)(
  'resumes to the same bits: $optimizer $options',
  async ({ optimizer: name, options }) => {
    const straight = await initialParameters();
    const one = make(name, straight, options);
    for (let number = 0; number < 4; number++) step(straight, one, number);
    const state = await one.stateDict();
    const values = await Promise.all(straight.map(({ tensor }) => tensor.data()));
    const resumed = await initialParameters();
    const two = make(name, resumed, options);
    step(resumed, two, 5); // leaves what loading must overwrite
    two.loadStateDict(state);
    resumed.forEach(({ tensor }, i) => {
      upload(tensor, values[i]!);
    });
    for (const [parameters, optimizer] of [[straight, one] as const, [resumed, two] as const])
      for (let number = 4; number < 6; number++) step(parameters, optimizer, number);
    const read = (parameters: readonly Parameter[]) =>
      Promise.all(parameters.map(({ tensor }) => tensor.data()));
    expect(await read(resumed)).toEqual(await read(straight));
    expect(await two.stateDict()).toEqual(await one.stateDict());
    for (const optimizer of [one, two]) optimizer.dispose();
  },
);

test('an update of one group is one dispatch, of two groups two', async () => {
  const device = await testDevice();
  const parameters = await initialParameters();
  const dispatchesOf = (optimizer: Optimizer) => {
    giveGradients(parameters, 0);
    const { dispatches } = device.statistics;
    optimizer.step();
    optimizer.dispose();
    return device.statistics.dispatches - dispatches;
  };
  for (const name of Object.keys(MAKE))
    expect(dispatchesOf(make(name, parameters, { learningRate: 0.1 }))).toBe(1);
  const groups = parameters.map((parameter) => ({ parameters: [parameter] }));
  expect(dispatchesOf(new Adam({ parameters: groups }))).toBe(2);
});

test('an arena is updated to its last number', async () => {
  const device = await testDevice();
  // No gap behind it.
  const parameter = new Parameter(device, new Float32Array(64).fill(1), [64]);
  for (const name of Object.keys(MAKE)) {
    const optimizer = make(name, [parameter], { learningRate: 0.1 });
    backwardThrough(parameter);
    const before = await parameter.tensor.data();
    optimizer.step();
    const after = await parameter.tensor.data();
    expect([...after].filter((value, i) => value === before[i])).toEqual([]);
    optimizer.dispose();
  }
});

/** Gives the parameter a gradient. */
function backwardThrough({ tensor }: Parameter): void {
  scope(tensor.device, () => backward(sum(multiply(tensor, 2))));
}

test('NaN in a gradient is NaN in its parameter, and in no other', async () => {
  for (const name of Object.keys(MAKE)) {
    const parameters = await initialParameters();
    const optimizer = make(name, parameters, { learningRate: 0.1 });
    giveGradients(parameters, 0);
    const gradient = parameters[0]!.grad!;
    upload(gradient, Float32Array.from(await gradient.data()).fill(Number.NaN, 1, 2));
    optimizer.step();
    const values = [...(await parameters[0]!.tensor.data()), ...(await parameters[1]!.tensor.data())];
    expect(values.flatMap((value, i) => (Number.isNaN(value) ? [i] : []))).toEqual([1]);
    optimizer.dispose();
  }
});

test('a centered RMSProp survives gradients without variance', async () => {
  const parameters = await initialParameters();
  const optimizer = new RMSProp({ parameters, centered: true, alpha: 0.1, epsilon: 1e-3 });
  for (let number = 0; number < 20; number++) step(parameters, optimizer, 3);
  for (const { tensor } of parameters) for (const value of await tensor.data()) expect(value).not.toBeNaN();
  optimizer.dispose();
});

test("another optimizer's state is refused, and one of other settings", async () => {
  const parameters = await initialParameters();
  const adam = new Adam({ parameters });
  const state = await adam.stateDict();
  adam.dispose();
  const adamW = new AdamW({ parameters });
  expect(() => adamW.loadStateDict(state)).toThrow(/the state is of Adam, but the optimizer is AdamW/);
  expect(() => adamW.loadStateDict(state)).toThrow(expect.objectContaining({ code: 'bad-data' }));
  adamW.dispose();
  const plain = new RMSProp({ parameters });
  const averages = await plain.stateDict();
  plain.dispose();
  const centered = new RMSProp({ parameters, centered: true });
  expect(() => centered.loadStateDict(averages)).toThrow(/state of RMSProp has no gradientAverage/);
  centered.dispose();
});

test('groups are checked by their number', async () => {
  const parameters = await initialParameters();
  const [first, second] = parameters as [Parameter, Parameter];
  const adam = (groups: readonly object[]) => () => new Adam({ parameters: groups as [] });
  expect(adam([{ parameters: [first] }, { parameters: [second], lr: 1 }])).toThrow(
    /group 1 of Adam has no option lr/,
  );
  expect(adam([{ parameters: [first], betas: [0.9, 1] }])).toThrow(/betas of group 0 of Adam is \[0.9, 1\]/);
  expect(adam([{ parameters: [first, 2] }])).toThrow(/parameter 1 of group 0 of Adam is 2/);
  expect(adam([first, { parameters: [second] }])).toThrow(/parameter 1 of Adam is an object: .* a Parameter/);
  expect(adam([{ parameters: [first] }, second])).toThrow(/Adam/);
  expect(adam([{ parameters: [first] }, { parameters: [first] }])).toThrow(
    /2 parameters, but only 1 different/,
  );
  expect(adam([{ parameters: [] }])).toThrow(/no parameters/);
});

test('groups of inner modules, whose parameters have one name, are told apart once their model has named them', async () => {
  const device = await testDevice();
  const linear = () => new Linear(device, { inFeatures: 2, outFeatures: 1 });
  const model = new Sequential(device, [linear(), linear()]);
  const groups = model.layers.map((layer, i) => {
    return { parameters: (layer as Linear).parameters(), learningRate: 0.1 * (i + 1) };
  });
  const optimizer = new Momentum({ parameters: groups, learningRate: 0.1 });
  await expect(optimizer.stateDict()).rejects.toThrow(
    /Momentum has two parameters called 'weight': ask the module that holds them all for its parameters\(\)/,
  );
  model.parameters();
  const state = await optimizer.stateDict();
  expect([...state.slots.velocity!.keys()]).toEqual(['0.weight', '0.bias', '1.weight', '1.bias']);
  optimizer.loadStateDict(state);
  optimizer.dispose();
  model.dispose();
});
