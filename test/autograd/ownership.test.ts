import { describe, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { defineOp } from '../../src/autograd/define-op.ts';
import { clearGrad, gradOf, requiresGrad, setGradTarget } from '../../src/autograd/graph.ts';
import { add, concat, multiply, relu, subtract, sum, toLayout } from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import { addPlan } from '../../src/kernels/elementwise.ts';
import { tensor, upload, zeros } from '../../src/tensor/create.ts';
import { runAccumulate, runElementwise } from '../../src/tensor/run.ts';
import { keep, scope, tensorStatistics } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { openTestDevice, testDevice } from '../support/device.ts';

const gradient = async (x: Tensor) => [...(await gradOf(x)!.data())];

/** Runs `work` with leaves of these values, with and without memory set aside for their gradients. */
async function withLeaves(
  values: readonly (readonly number[])[],
  work: (leaves: Tensor[], device: Device) => Promise<void> | void,
): Promise<void> {
  const device = await testDevice();
  for (const setAside of [false, true]) {
    const leaves = values.map((value) => requiresGrad(tensor(device, value)));
    // One buffer holds all gradients, as in a parameter arena.
    const arena = zeros(device, [leaves.length * 64]);
    if (setAside)
      leaves.forEach((leaf, i) => {
        setGradTarget(leaf, { ...arena.slice, offset: 256 * i, bytes: leaf.slice.bytes });
      });
    await work(leaves, device);
    for (const leaf of leaves) {
      clearGrad(leaf);
      leaf.dispose();
    }
    arena.dispose();
  }
}

/** Gives back its inputs' values, and the very tensors it is told to as their gradients. */
const handingOn = (name: string, results: (dy: Tensor, into: readonly (Tensor | undefined)[]) => Tensor[]) =>
  defineOp<void, Record<string, never>>({
    name,
    forward: ([x]) => ({ output: x!.alias(), saved: {} }),
    backward: (dy, { into }) => results(dy, into),
  });

describe('a gradient that several inputs share', () => {
  test('is not written into when another use of one of them comes', () =>
    withLeaves([[1], [1]], async ([a, b], device) => {
      scope(device, () => backward(sum(add(multiply(a!, 3), add(a!, b!)))));
      expect(await gradient(a!)).toEqual([4]);
      expect(await gradient(b!)).toEqual([1]);
    }));

  test('is not written into by a further backward pass', () =>
    withLeaves(
      [
        [1, 2],
        [3, 4],
      ],
      async ([a, b], device) => {
        for (let i = 0; i < 2; i++) scope(device, () => backward(sum(add(a!, b!))));
        expect(await gradient(a!)).toEqual([2, 2]);
        expect(await gradient(b!)).toEqual([2, 2]);
      },
    ));

  test('counts twice for a tensor that is both inputs', () =>
    withLeaves([[1, 2]], async ([a], device) => {
      scope(device, () => backward(sum(add(a!, a!))));
      expect(await gradient(a!)).toEqual([2, 2]);
      scope(device, () => backward(sum(subtract(a!, multiply(a!, a!)))));
      expect(await gradient(a!)).toEqual([1, -1]);
    }));

  test('may be the gradient that the caller gave, which stays as it was', () =>
    withLeaves([[1, 2]], async ([a], device) => {
      const given = tensor(device, [10, 20]);
      for (let i = 0; i < 2; i++) backward(a!, given);
      scope(device, () => backward(add(a!, 1), given));
      expect(await gradient(a!)).toEqual([30, 60]);
      expect([...(await given.data())]).toEqual([10, 20]);
      given.dispose();
    }));

  test('may be the gradient of a leaf, of that one or of another', () =>
    withLeaves(
      [
        [1, 2],
        [1, 1],
      ],
      async ([a, b], device) => {
        scope(device, () => backward(sum(multiply(a!, 5))));
        scope(device, () => backward(add(a!, b!), gradOf(a!)));
        expect(await gradient(a!)).toEqual([10, 10]);
        expect(await gradient(b!)).toEqual([5, 5]);
      },
    ));
});

describe("an op's backward", () => {
  test('may hand on the same tensor for several inputs', () =>
    withLeaves([[1], [1], [1]], async ([a, b, c], device) => {
      const op = handingOn('same', (dy) => {
        const twice = add(dy, dy);
        return [twice, twice, twice];
      });
      scope(device, () => backward(op([a!, b!, a!])));
      scope(device, () => backward(add(op([a!, b!, c!]), op([c!, c!, a!]))));
      expect(await gradient(a!)).toEqual([8]);
      expect(await gradient(b!)).toEqual([4]);
      expect(await gradient(c!)).toEqual([6]);
    }));

  test('may hand on memory that is set aside for another input', () =>
    withLeaves([[1], [1]], async ([a, b], device) => {
      const op = handingOn('crossed', (dy, into) => {
        const target = into[0] ?? zeros(device, [1]);
        runElementwise(addPlan, target, { a: dy, b: dy }, {});
        return [target, target];
      });
      scope(device, () => backward(add(b!, op([a!, b!]))));
      expect(await gradient(a!)).toEqual([2]);
      expect(await gradient(b!)).toEqual([3]);
    }));

  test('is offered memory once for a leaf that is several inputs', () =>
    withLeaves([[1]], async ([a], device) => {
      const op = handingOn('written', (dy, into) =>
        [1, 2].map((factor, i) => {
          const target = into[i] ?? zeros(device, [1]);
          upload(target, [factor]);
          expect(dy.readOnly).toBe(true);
          return target;
        }),
      );
      scope(device, () => backward(op([a!, a!])));
      expect(await gradient(a!)).toEqual([3]);
    }));

  test('cannot write into the gradient that it is given', () =>
    withLeaves([[1, 2]], ([a], device) => {
      const op = handingOn('overwriting', (dy) => {
        runAccumulate(dy.alias(), dy);
        return [dy];
      });
      scope(device, () => expect(() => backward(sum(op([a!])))).toThrow(/\[2\] is read-only/));
      expect(gradOf(a!)).toBeUndefined();
    }));

  test('may hand on what it had saved', () =>
    withLeaves([[3]], async ([a], device) => {
      const op = defineOp<void, { x: Tensor }>({
        name: 'half square',
        forward: ([x]) => ({ output: multiply(multiply(x!, x!), 0.5), saved: { x: x! } }),
        backward: (_, { saved }) => [saved.x],
      });
      scope(device, () => {
        const y = op([a!]);
        backward(y, undefined, { retainGraph: true });
        backward(y);
      });
      expect(await gradient(a!)).toEqual([6]);
      expect([...(await a!.data())]).toEqual([3]);
    }));

  test('may belong to an op that gives back its input', () =>
    withLeaves([[1]], async ([a], device) => {
      const identity = defineOp<void, Record<string, never>>({
        name: 'identity',
        forward: ([x]) => ({ output: x!, saved: {} }),
        backward: (dy) => [dy],
      });
      scope(device, () => backward(add(identity([a!]), a!)));
      expect(await gradient(a!)).toEqual([2]);
    }));
});

describe('a backward pass that fails', () => {
  test('changes no gradient, and the next one adds nothing of it', async () => {
    const device = await testDevice();
    const failing = handingOn('failing', () => {
      throw new Error('no memory');
    });
    const [a, b] = [requiresGrad(tensor(device, [1])), requiresGrad(tensor(device, [1]))];
    scope(device, () => backward(sum(multiply(a, 2))));
    const before = tensorStatistics(device);
    scope(device, () => expect(() => backward(add(multiply(a, b), failing([b])))).toThrow('no memory'));
    expect(tensorStatistics(device)).toEqual(before);
    expect(await gradient(a)).toEqual([2]);
    expect(gradOf(b)).toBeUndefined();
    for (const leaf of [a, b]) {
      clearGrad(leaf);
      leaf.dispose();
    }
  });

  test('for want of memory, wherever it is short, leaves no gradient behind', async () => {
    const size = 2 ** 16;
    const bytes = 4 * size;
    let failures = 0;
    for (let limit = 4 * bytes; ; limit += bytes) {
      const device = await openTestDevice({ memoryLimit: limit });
      const [a, b] = [0, 1].map(() => requiresGrad(tensor(device, new Float32Array(size).fill(2))));
      const step = () => scope(device, () => backward(sum(multiply(relu(multiply(a!, b!)), add(a!, b!)))));
      try {
        step();
        expect(failures).toBeGreaterThan(2);
        expect((await gradient(a!))[0]).toBe(2 * 4 + 4);
        device.destroy();
        return;
      } catch (error) {
        expect(error).toMatchObject({ code: 'out-of-memory' });
        failures++;
        expect([a, b].map((leaf) => gradOf(leaf!))).toEqual([undefined, undefined]);
        device.destroy();
      }
    }
  });
});

describe('a graph that was walked', () => {
  test('is walked again where nothing was freed', () =>
    withLeaves([[1], [1]], async ([a, b], device) => {
      scope(device, () => {
        const y = sum(add(a!, b!));
        for (let i = 0; i < 2; i++) backward(y);
      });
      expect(await gradient(b!)).toEqual([2]);
    }));

  test('says so where something was freed, and is kept where that is asked for', () =>
    withLeaves([[3]], async ([a], device) => {
      scope(device, () => {
        const shared = multiply(a!, a!);
        const [first, second] = [sum(shared), sum(multiply(shared, 2))];
        backward(first, undefined, { retainGraph: true });
        backward(second);
        expect(() => backward(first)).toThrow(/earlier backward pass has freed what multiply.*retainGraph/);
      });
      expect(await gradient(a!)).toEqual([6 + 12]);
    }));

  test('is refused when its scope has ended', () =>
    withLeaves([[3]], ([a], device) => {
      const y = scope(device, () => multiply(a!, a!));
      expect(() => backward(y)).toThrow(/freed with the scope.*call backward inside/);
      y.dispose();
    }));

  test('is refused when a tensor that it needs was written to', () =>
    withLeaves([[3]], ([a], device) => {
      scope(device, () => {
        const y = multiply(a!, a!);
        upload(a!, [4]);
        expect(() => backward(y)).toThrow(/\[1\] was written to.*after multiply had saved it/);
      });
      expect(gradOf(a!)).toBeUndefined();
    }));
});

test('a gradient that its owner disposed counts as none', () =>
  withLeaves([[1]], async ([a], device) => {
    scope(device, () => backward(multiply(a!, 2)));
    gradOf(a!)!.dispose();
    expect(gradOf(a!)).toBeUndefined();
    scope(device, () => backward(multiply(a!, 3)));
    expect(await gradient(a!)).toEqual([3]);
  }));

test('tensors of another device are refused by name', async () => {
  const device = await testDevice();
  const other = await openTestDevice();
  const a = requiresGrad(tensor(device, [1]));
  const b = keep(tensor(other, [1]));
  scope(device, () => {
    expect(() => add(a, b)).toThrow(/add: a tensor of shape \[1\] is on another device/);
    expect(() => concat([a, b])).toThrow(/concat: .*another device/);
    expect(() => backward(toLayout(multiply(a, 1), 'row-major'), b)).toThrow(/backward: .*another device/);
  });
  expect(gradOf(a)).toBeUndefined();
  a.dispose();
  other.destroy();
});
