import { expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { add, multiply, sum } from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import { Module } from '../../src/nn/module.ts';
import { Parameter } from '../../src/nn/parameter.ts';
import { tensor, zeros } from '../../src/tensor/create.ts';
import { scope, tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { testDevice } from '../support/device.ts';

/** `scale · x`, with a buffer between two parameters. */
class Inner extends Module {
  readonly scale: Parameter;

  constructor(device: Device, scale: number) {
    super(device);
    this.scale = this.addParameter('scale', new Parameter(device, Float32Array.of(scale), [1]));
    this.addBuffer('_count', zeros(device, [2]));
    this.addParameter('spare', new Parameter(device, new Float32Array(6), [2, 3]));
  }

  override forward(x: Tensor): Tensor {
    return multiply(x, this.scale.tensor);
  }
}

/** `second(first(x)) + shift` */
class Outer extends Module {
  readonly first: Inner;
  readonly second: Inner;
  readonly shift: Parameter;

  constructor(device: Device) {
    super(device);
    this.first = this.addModule('first', new Inner(device, 2));
    this.shift = this.addParameter('shift', new Parameter(device, Float32Array.of(10), [1]));
    this.second = this.addModule('second', new Inner(device, 3));
  }

  override forward(x: Tensor): Tensor {
    return add(this.second.call(this.first.call(x)), this.shift.tensor);
  }

  /** Registers a name that is taken. */
  addAgain(): void {
    this.addModule('first', this.first);
  }
}

const NAMES = [
  'first.scale',
  'first._count',
  'first.spare',
  'shift',
  'second.scale',
  'second._count',
  'second.spare',
];

test('names all state in the order of definition', async () => {
  const model = new Outer(await testDevice());
  expect([...(await model.stateDict()).keys()]).toEqual(NAMES);
  const parameters = NAMES.filter((name) => !name.endsWith('_count'));
  expect(model.namedParameters().map(([name]) => name)).toEqual(parameters);
  expect(model.parameters().map(({ name }) => name)).toEqual(parameters);
  expect(model.namedBuffers().map(([name]) => name)).toEqual(['first._count', 'second._count']);
  expect([...(await model.second.stateDict()).keys()]).toEqual(['scale', '_count', 'spare']);
  expect(() => model.addAgain()).toThrow(/already has a member called first/);
  model.dispose();
});

test('frees its intermediates, and after backward all but the gradients', async () => {
  const device = await testDevice();
  const before = tensorStatistics(device);
  const model = new Outer(device);
  const own = tensorStatistics(device).tensors;
  const gradients = scope(device, () => {
    const x = tensor(device, [1, -2]);
    const y = model.call(x);
    backward(sum(y));
    return [model.first.scale.grad!, model.second.scale.grad!, model.shift.grad!];
  });
  expect(tensorStatistics(device).tensors).toBe(own + gradients.length);
  expect(await Promise.all(gradients.map((gradient) => gradient.item()))).toEqual([-3, -2, 2]);
  expect(model.first.parameters()[1]!.grad).toBeUndefined();
  model.dispose();
  expect(tensorStatistics(device)).toEqual(before);
});

test('a scope around a new module does not free its state', async () => {
  const device = await testDevice();
  const models: Outer[] = [];
  scope(device, () => {
    models.push(new Outer(device));
  });
  expect((await models[0]!.stateDict()).get('second.scale')!.data[0]).toBe(3);
  models[0]!.dispose();
});

test('train and eval reach every module', async () => {
  const model = new Outer(await testDevice());
  const modes = () => [model, model.first, model.second].map(({ training }) => training);
  expect(modes()).toEqual([true, true, true]);
  expect(model.eval()).toBe(model);
  expect(modes()).toEqual([false, false, false]);
  model.train();
  expect(modes()).toEqual([true, true, true]);
  model.dispose();
});

test('loads what it gave, tells what it does not know, and writes nothing that does not fit', async () => {
  const device = await testDevice();
  const [from, to] = [new Outer(device), new Outer(device)];
  const state = await from.stateDict();
  state.get('first.spare')!.data.set([1, 2, 3, 4, 5, 6]);
  state.get('second._count')!.data.set([7, 8]);
  state.set('stranger', { shape: [1], data: new Float32Array(1) });
  expect(to.loadStateDict(state)).toEqual({ unexpected: ['stranger'] });
  state.delete('stranger');
  expect(await to.stateDict()).toEqual(state);

  const wrong = new Map(state).set('second.spare', { shape: [3, 2], data: new Float32Array(6) });
  wrong.set('first.scale', { shape: [1], data: Float32Array.of(99) });
  expect(() => to.loadStateDict(wrong)).toThrow(/second\.spare has shape \[2, 3\].*\[3, 2\]/);
  wrong.delete('second.spare');
  expect(() => to.loadStateDict(wrong)).toThrow(/none called second\.spare/);
  wrong.set('second.spare', { shape: [2, 3], data: new Float32Array(5) });
  expect(() => to.loadStateDict(wrong)).toThrow(/second\.spare of shape \[2, 3\] takes 6 values, .* has 5/);
  for (const entry of [undefined, null, 3, {}, { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }, { shape: 6 }]) {
    wrong.set('second.spare', entry as never);
    expect(() => to.loadStateDict(wrong)).toThrow(/second\.spare/);
  }
  for (const dict of [undefined, Object.fromEntries(state), [...state]])
    expect(() => to.loadStateDict(dict as never)).toThrow(/a state dict is .*: it must be a Map/);
  expect(await to.stateDict()).toEqual(state);
  from.dispose();
  to.dispose();
});
