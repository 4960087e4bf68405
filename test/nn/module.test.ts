import { expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { requiresGrad } from '../../src/autograd/graph.ts';
import { add, multiply, sum } from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import { Buffer } from '../../src/nn/buffer.ts';
import { Module } from '../../src/nn/module.ts';
import { Parameter } from '../../src/nn/parameter.ts';
import { tensor, zeros } from '../../src/tensor/create.ts';
import { scope, tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { testDevice } from '../support/device.ts';

const one = (device: Device, value: number) => new Parameter(device, Float32Array.of(value), [1]);

/** `scale · x`, with a buffer between two parameters. */
class Inner extends Module {
  readonly scale: Parameter;
  readonly count: Buffer;
  readonly spare: Parameter;
  protected override stateNames = { count: '_count' };

  constructor(device: Device, scale: number) {
    super(device);
    this.scale = one(device, scale);
    this.count = new Buffer(zeros(device, [2]));
    this.spare = new Parameter(device, new Float32Array(6), [2, 3]);
  }

  override forward(x: Tensor): Tensor {
    return multiply(x, this.scale.tensor);
  }
}

/** `second(first(x)) + shift` */
class Outer extends Module {
  readonly first = new Inner(this.device, 2);
  readonly shift = one(this.device, 10);
  readonly second = new Inner(this.device, 3);

  override forward(x: Tensor): Tensor {
    return add(this.second(this.first(x)), this.shift.tensor);
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
  model.dispose();
});

test('frees its intermediates, and after backward all but the gradients', async () => {
  const device = await testDevice();
  const before = tensorStatistics(device);
  const model = new Outer(device);
  const own = tensorStatistics(device).tensors;
  const gradients = scope(device, () => {
    const x = tensor(device, [1, -2]);
    const y = model(x);
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
  expect(() => to.loadStateDict(state)).toThrow(/1 entry that the module lacks, stranger first/);
  expect((await to.stateDict()).get('second._count')!.data[0]).toBe(0);
  state.delete('stranger');
  expect(to.loadStateDict(state)).toEqual({ missing: [], unexpected: [], mismatched: [] });
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

test('an instance is a function of its class and of no other', async () => {
  const device = await testDevice();
  class Named extends Inner {
    override readonly name = 'a name';
    override readonly length = 7;
  }
  const model = new Named(device, 2);
  expect(typeof model).toBe('function');
  expect(model).toBeInstanceOf(Named);
  expect(model).toBeInstanceOf(Module);
  expect([model.name, model.length, 'call' in model, 'apply' in model]).toEqual(['a name', 7, false, false]);
  expect('name' in new Inner(device, 1)).toBe(false);
  const x = tensor(device, [3, 4]);
  expect(Array.from(await model(x).data())).toEqual([6, 8]);
  expect(Array.from(await [x].map((each) => model(each))[0]!.data())).toEqual([6, 8]);
});

test('takes and gives several tensors, and frees the others', async () => {
  const device = await testDevice();
  class Heads extends Module<[a: Tensor, b: Tensor], { both: Tensor; scores: [Tensor, Tensor] }> {
    override forward(a: Tensor, b: Tensor) {
      const both = add(multiply(a, 2), multiply(b, 3));
      return { both, scores: [multiply(both, 2), multiply(both, 3)] as [Tensor, Tensor] };
    }
  }
  const heads = new Heads(device);
  const [a, b] = [tensor(device, [1]), tensor(device, [10])];
  const before = tensorStatistics(device).tensors;
  const { both, scores } = heads(a, b);
  expect(tensorStatistics(device).tensors).toBe(before + 3);
  expect(await Promise.all([both, ...scores].map((result) => result.item()))).toEqual([32, 64, 96]);
  // @ts-expect-error it takes two
  expect(() => heads(a)).toThrow(/the right of add|operand|undefined/);
});

/** Members in arrays, plain objects and twice. */
class Nested extends Module {
  readonly options = { kernel: 3, deep: { more: [1, 2] } };
  readonly blocks = [new Inner(this.device, 1), [new Inner(this.device, 2)]];
  readonly heads: Record<string, unknown> = { mask: one(this.device, 3), none: undefined };
  readonly again = this.blocks[0];
  readonly tied = this.heads.mask;
  readonly #hidden = one(this.device, 4);
  late?: Module;

  constructor(device: Device) {
    super(device);
    this.heads.circle = this.heads;
    this.heads.self = this;
  }

  override forward(x: Tensor): Tensor {
    return multiply(x, this.#hidden.tensor);
  }
}

test('finds members in arrays and objects, once each, as they are when it is asked', async () => {
  const model = new Nested(await testDevice());
  const inner = (name: string) => ['scale', 'spare'].map((own) => `${name}.${own}`);
  const names = [...inner('blocks.0'), ...inner('blocks.1.0'), 'heads.mask'];
  expect(model.namedParameters().map(([name]) => name)).toEqual(names);
  expect(model.namedModules().map(([name]) => name)).toEqual(['', 'blocks.0', 'blocks.1.0']);
  model.late = new Inner(model.device, 5);
  expect(model.parameters().map(({ name }) => name)).toEqual([...names, ...inner('late')]);
  expect(model.late.eval().training).toBe(false);
  expect(model.training).toBe(true);
});

test('a parameter bears the name of the outermost module that was asked', async () => {
  const device = await testDevice();
  const model = new Outer(device);
  const { scale } = model.first;
  expect(scale.name).toBe('');
  model.first.parameters();
  expect(scale.name).toBe('scale');
  model.parameters();
  model.first.parameters();
  expect(scale.name).toBe('first.scale');
  class Around extends Module {
    readonly taken = model.first;
    override forward(x: Tensor): Tensor {
      return this.taken(x);
    }
  }
  new Around(device).parameters();
  expect(scale.name).toBe('taken.scale');
});

test('says where members of one name are, and leaves that are no parameters', async () => {
  const device = await testDevice();
  class Mistaken extends Outer {
    readonly heads = { weight: requiresGrad(zeros(device, [2])) };
  }
  const model = new Mistaken(device);
  expect(() => model.parameters()).toThrow(
    /heads\.weight of Mistaken is a tensor that requires a gradient but is not a Parameter/,
  );
  class Cached extends Outer {
    readonly handle = this.shift.tensor;
    readonly constant = zeros(device, [2]);
  }
  expect(new Cached(device).parameters().length).toBe(5);
  class Clashing extends Outer {
    protected override stateNames = { second: 'first' };
  }
  expect(() => new Clashing(device).namedBuffers()).toThrow(/Clashing has two members called first\.scale/);
});
