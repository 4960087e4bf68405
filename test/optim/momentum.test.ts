import { describe, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { add, multiply, sum } from '../../src/autograd/ops.ts';
import { Parameter } from '../../src/nn/parameter.ts';
import { Momentum, type MomentumOptions } from '../../src/optim/momentum.ts';
import { PolynomialDecay } from '../../src/optim/polynomial-decay.ts';
import { upload } from '../../src/tensor/create.ts';
import { scope } from '../../src/tensor/scope.ts';
import { fromArray, maxAbsDifference, type NdArray, zeros } from '../reference/array.ts';
import { momentumStep } from '../reference/momentum.ts';
import { openTestDevice, testDevice } from '../support/device.ts';

const SHAPES: Record<string, number[]> = { a: [3, 2, 3, 3], b: [7], c: [130], d: [2, 5] };

async function makeParameters(): Promise<Parameter[]> {
  const device = await testDevice();
  return Object.entries(SHAPES).map(([name, shape], place) => {
    const size = shape.reduce((product, extent) => product * extent);
    const values = Float32Array.from({ length: size }, (_, i) => Math.sin(i + 10 * place));
    const layout = shape.length === 4 ? ({ layout: 'filter' } as const) : {};
    const parameter = new Parameter(device, values, shape, layout);
    parameter.name = name;
    return parameter;
  });
}

/** Gives each parameter p the gradient 2p. */
function backwardThrough(parameters: readonly Parameter[]): void {
  scope(parameters[0]!.tensor.device, () => {
    const squares = parameters.map(({ tensor }) => sum(multiply(tensor, tensor)));
    backward(squares.reduce((total, square) => add(total, square)));
  });
}

async function valuesOf(parameter: Parameter): Promise<NdArray> {
  return fromArray(parameter.shape, await parameter.tensor.data());
}

const variants: Record<string, Omit<MomentumOptions, 'parameters'>> = {
  'a constant rate': { learningRate: 0.1 },
  'Nesterov and decay': { learningRate: 0.05, momentum: 0.8, nesterov: true, weightDecay: 0.1 },
  'a schedule': { learningRate: new PolynomialDecay({ initial: 0.1, steps: 2.5, end: 0.01 }) },
};

describe.each(Object.entries(variants))('with %s', (_, options) => {
  test('follows the reference', async () => {
    const parameters = await makeParameters();
    const optimizer = new Momentum({ parameters, ...options });
    const { learningRate, momentum = 0.9, nesterov = false, weightDecay = 0 } = options;
    const expected = await Promise.all(
      parameters.map(async (parameter) => ({
        parameter: await valuesOf(parameter),
        velocity: zeros(parameter.shape),
      })),
    );
    for (let step = 0; step < 4; step++) {
      const rate = typeof learningRate === 'number' ? learningRate : learningRate.at(step);
      expect(optimizer.learningRate).toBe(rate);
      backwardThrough(parameters);
      optimizer.step();
      optimizer.clearGradients();
      for (const [i, parameter] of parameters.entries()) {
        const { parameter: p, velocity } = expected[i]!;
        const gradient = fromArray(
          p.shape,
          Array.from(p.data, (value) => 2 * value),
        );
        const update = { learningRate: rate, momentum, nesterov, weightDecay };
        expected[i] = momentumStep(p, gradient, velocity, update);
        expect(maxAbsDifference(await valuesOf(parameter), expected[i]!.parameter)).toBeLessThan(1e-5);
      }
    }
    optimizer.dispose();
  });
});

test('leaves parameters without a gradient and their velocities alone', async () => {
  const parameters = await makeParameters();
  const optimizer = new Momentum({ parameters, learningRate: 0.1 });
  backwardThrough(parameters);
  optimizer.step();
  optimizer.clearGradients();
  const [before, { slots }] = [await Promise.all(parameters.map(valuesOf)), await optimizer.stateDict()];
  const chosen = parameters.filter(({ name }) => name !== 'b');
  const device = await testDevice();
  backwardThrough(chosen);
  const { dispatches } = device.statistics;
  optimizer.step();
  expect(device.statistics.dispatches - dispatches).toBe(2);
  const [after, state] = [await Promise.all(parameters.map(valuesOf)), await optimizer.stateDict()];
  expect(after[1]).toEqual(before[1]);
  expect(state.slots.velocity!.get('b')).toEqual(slots.velocity!.get('b'));
  for (const i of [0, 2, 3]) expect(maxAbsDifference(after[i]!, before[i]!)).toBeGreaterThan(0.01);
});

test('goes on from its state as if it had never stopped', async () => {
  const schedule = new PolynomialDecay({ initial: 0.1, steps: 5, end: 0.01 });
  const update = (parameters: readonly Parameter[], optimizer: Momentum) => {
    backwardThrough(parameters);
    optimizer.step();
    optimizer.clearGradients();
  };
  const straight = await makeParameters();
  const one = new Momentum({ parameters: straight, learningRate: schedule });
  update(straight, one);
  const state = await one.stateDict();
  expect(state.step).toBe(1);
  expect([...state.slots.velocity!].map(([name, { shape }]) => [name, shape])).toEqual(
    Object.entries(SHAPES),
  );
  const values = await Promise.all(straight.map(({ tensor }) => tensor.data()));
  const resumed = await makeParameters();
  const two = new Momentum({ parameters: resumed, learningRate: schedule });
  update(resumed, two);
  update(resumed, two); // leaves velocities and a count of updates that loading must overwrite
  two.loadStateDict(state);
  resumed.forEach(({ tensor }, i) => {
    upload(tensor, values[i]!);
  });
  update(straight, one);
  update(resumed, two);
  expect(await Promise.all(resumed.map(valuesOf))).toEqual(await Promise.all(straight.map(valuesOf)));
  expect(await two.stateDict()).toEqual(await one.stateDict());
});

test('refuses a state that does not fit, and a parameter twice', async () => {
  const parameters = await makeParameters();
  const optimizer = new Momentum({ parameters, learningRate: 0.1 });
  const state = await optimizer.stateDict();
  const velocity = state.slots.velocity!;
  velocity.set('c', { shape: [10, 13], data: new Float32Array(130) });
  expect(() => optimizer.loadStateDict(state)).toThrow(/c has shape \[130\].*\[10, 13\]/);
  velocity.delete('c');
  expect(() => optimizer.loadStateDict(state)).toThrow(/none called c/);
  expect(() => new Momentum({ parameters: [], learningRate: 0.1 })).toThrow(/no parameters/);
  const twice = [parameters[0]!, parameters[0]!];
  expect(() => new Momentum({ parameters: twice, learningRate: 0.1 })).toThrow(
    /2 parameters, but only 1 different/,
  );
});

test.each<[string, object, RegExp]>([
  [
    'a rate of NaN',
    { learningRate: Number.NaN },
    /learningRate of Momentum is NaN: it must be a finite number/,
  ],
  ['an infinite rate', { learningRate: Number.POSITIVE_INFINITY }, /learningRate of Momentum is Infinity/],
  ['a negative rate', { learningRate: -0.1 }, /learningRate of Momentum is -0.1/],
  ['no rate', { learningRate: undefined }, /learningRate of Momentum is undefined/],
  ['a momentum of 1', { momentum: 1 }, /momentum of Momentum is 1: .* at least 0 and less than 1/],
  ['a momentum of NaN', { momentum: Number.NaN }, /momentum of Momentum is NaN/],
  [
    'a negative decay',
    { weightDecay: -1 },
    /weightDecay of Momentum is -1: it must be a finite number of at least 0/,
  ],
  [
    'another name for an option',
    { lr: 0.1 },
    /Momentum has no option lr: its options are parameters, learningRate/,
  ],
  [
    'tensors for parameters',
    { parameters: [1] },
    /parameter 0 of Momentum is 1: .* give model.parameters\(\)/,
  ],
  ['a model for parameters', { parameters: {} }, /parameters of Momentum is an object: it must be an array/],
])('refuses %s', async (_, changes, message) => {
  const parameters = await makeParameters();
  expect(() => new Momentum({ parameters, learningRate: 0.1, ...changes })).toThrow(message);
});

test('a schedule that gives no rate changes nothing', async () => {
  const parameters = await makeParameters();
  const rates = [0.1, Number.NaN];
  const optimizer = new Momentum({ parameters, learningRate: { at: (step) => rates[step]! } });
  backwardThrough(parameters);
  optimizer.step();
  const before = await optimizer.stateDict();
  const values = await parameters[0]!.tensor.data();
  expect(() => optimizer.step()).toThrow(/the learning rate of update 1 is NaN/);
  expect(await optimizer.stateDict()).toEqual(before);
  expect(await parameters[0]!.tensor.data()).toEqual(values);
});

test('a state that is cut off is refused before anything is written', async () => {
  const parameters = await makeParameters();
  const optimizer = new Momentum({ parameters, learningRate: 0.1 });
  const before = await optimizer.stateDict();
  const filled = ({ shape, data }: { shape: number[]; data: Float32Array }) => ({
    shape,
    data: new Float32Array(data.length).fill(9),
  });
  const velocity = new Map([...before.slots.velocity!].map(([name, entry]) => [name, filled(entry)]));
  const last = [...velocity.keys()].at(-1)!;
  const { shape } = velocity.get(last)!;
  const cut = new Map(velocity).set(last, { shape, data: new Float32Array(3) });
  expect(() => optimizer.loadStateDict({ ...before, slots: { velocity: cut } })).toThrow(
    /takes 10 values, .* has 3/,
  );
  for (const step of [Number.NaN, -1, 1.5, '1', undefined])
    expect(() => optimizer.loadStateDict({ ...before, slots: { velocity }, step: step as number })).toThrow(
      /step of Momentum's state/,
    );
  expect(await optimizer.stateDict()).toEqual(before);
});

test('gives all memory back but for the parameters', async () => {
  const device = await testDevice();
  const before = device.statistics.bytesInUse;
  const parameters = await makeParameters();
  const { bytesInUse } = device.statistics;
  const optimizer = new Momentum({ parameters, learningRate: 0.1 });
  expect(device.statistics.bytesInUse).toBeGreaterThan(bytesInUse);
  optimizer.dispose();
  expect(device.statistics.bytesInUse).toBe(bytesInUse);
  for (const { tensor } of parameters) tensor.dispose();
  expect(device.statistics.bytesInUse).toBe(before);
});

test('parameters of two devices are refused by name', async () => {
  const other = await openTestDevice();
  const parameters = [...(await makeParameters()), new Parameter(other, new Float32Array(3), [3])];
  parameters.at(-1)!.name = 'e';
  expect(() => new Momentum({ parameters, learningRate: 0.1 })).toThrow(
    expect.objectContaining({ code: 'invalid-argument', message: expect.stringContaining('Momentum') }),
  );
  expect(() => new Momentum({ parameters: [], learningRate: 0.1 })).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  );
  other.destroy();
});
