import { describe, expect, test } from 'vitest';
import { backward } from '../../src/autograd/backward.ts';
import { gradOf } from '../../src/autograd/graph.ts';
import { multiply, sum } from '../../src/autograd/ops.ts';
import { Parameter } from '../../src/nn/parameter.ts';
import { Adam } from '../../src/optim/adam.ts';
import { mergePlaces, ParameterArena, planArena } from '../../src/optim/parameter-arena.ts';
import { SGD } from '../../src/optim/sgd.ts';
import { scope, tensorStatistics } from '../../src/tensor/scope.ts';
import { openTestDevice, testDevice } from '../support/device.ts';
import fc from '../support/fast-check.ts';

describe('planArena', () => {
  test('begins every block at a multiple of 256, within the limit, and overlaps none', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2048 }), { minLength: 1 }), (sizes) => {
        const places = planArena(sizes, 2048);
        expect(places).toHaveLength(sizes.length);
        places.forEach(({ buffer, offset, bytes }, i) => {
          expect(offset % 256).toBe(0);
          expect(bytes).toBeGreaterThanOrEqual(sizes[i]!);
          expect(offset + bytes).toBeLessThanOrEqual(2048);
          const next = places[i + 1];
          if (next?.buffer === buffer) expect(next.offset).toBe(offset + bytes);
          else if (next) expect(next).toMatchObject({ buffer: buffer + 1, offset: 0 });
        });
      }),
    );
  });

  test('refuses a block beyond the limit', () => {
    expect(() => planArena([16, 1000], 512)).toThrow(/1024 bytes exceeds the adapter's limit of 512/);
  });
});

describe('mergePlaces', () => {
  const places = planArena([256, 256, 256, 256, 256, 256], 1024);

  test('joins neighbours of one buffer', () => {
    expect(mergePlaces(places, (i) => i !== 1)).toEqual([
      { buffer: 0, offset: 0, bytes: 256, first: 0 },
      { buffer: 0, offset: 512, bytes: 512, first: 2 },
      { buffer: 1, offset: 0, bytes: 512, first: 4 },
    ]);
  });

  test('joins no neighbours of two buffers', () => {
    expect(mergePlaces(places, (i) => i === 0 || i === 5)).toEqual([
      { buffer: 0, offset: 0, bytes: 256, first: 0 },
      { buffer: 1, offset: 256, bytes: 256, first: 5 },
    ]);
  });

  test('joins only what belongs together', () => {
    const group = [0, 0, 1, 1, 1, 1];
    const runs = mergePlaces(
      places,
      () => true,
      (first, next) => group[first] === group[next],
    );
    expect(runs.map(({ first, bytes }) => [first, bytes])).toEqual([
      [0, 512],
      [2, 512],
      [4, 512],
    ]);
  });
});

describe('ParameterArena', () => {
  const values = (size: number, first: number) => Float32Array.from({ length: size }, (_, i) => first + i);
  const makeParameters = async () => {
    const device = await testDevice();
    return [
      new Parameter(device, values(5, 1), [5]),
      new Parameter(device, values(3 * 2 * 3 * 3, 10), [3, 2, 3, 3], { layout: 'filter' }),
      new Parameter(device, values(70, 100), [70]),
    ];
  };

  test('takes values in and gives them back, and all memory with them', async () => {
    const device = await testDevice();
    const before = { ...tensorStatistics(device), bytesInUse: device.statistics.bytesInUse };
    const parameters = await makeParameters();
    const expected = await Promise.all(parameters.map(({ tensor }) => tensor.data()));
    const arena = new ParameterArena(device, parameters);
    expect(new Set(parameters.map(({ tensor }) => tensor.slice.buffer)).size).toBe(1);
    const arenas = [arena.values, arena.gradients].flat().reduce((sum, { bytes }) => sum + bytes, 0);
    expect(tensorStatistics(device).bytes).toBe(before.bytes + arenas);
    const inside = await Promise.all(parameters.map(({ tensor }) => tensor.data()));
    expect(inside).toEqual(expected);
    arena.dispose();
    const outside = await Promise.all(parameters.map(({ tensor }) => tensor.data()));
    expect(outside).toEqual(expected);
    for (const { tensor } of parameters) tensor.dispose();
    const after = { ...tensorStatistics(device), bytesInUse: device.statistics.bytesInUse };
    expect(after).toEqual(before);
  });

  test('gives back what is still there to memory outside of it', async () => {
    const device = await testDevice();
    const parameters = await makeParameters();
    const arena = new ParameterArena(device, parameters);
    const inside = arena.values[0]!.buffer;
    parameters[1]!.tensor.dispose();
    arena.dispose();
    const [first, , last] = parameters.map(({ tensor }) => tensor);
    expect([first!.slice.buffer, last!.slice.buffer]).not.toContain(inside);
    scope(device, () => backward(sum(multiply(first!, first!))));
    expect(gradOf(first!)!.slice.buffer).not.toBe(arena.gradients[0]!.buffer);
    expect(() => parameters[1]!.tensor.slice).toThrow();
  });

  test('takes a buffer for each part that the adapter can bind', async () => {
    const device = await openTestDevice({ bindingLimit: 512 });
    const sizes = [64, 64, 100];
    const parameters = sizes.map((size) => new Parameter(device, values(size, 1), [size]));
    const arena = new ParameterArena(device, parameters);
    expect(arena.places.map(({ buffer }) => buffer)).toEqual([0, 0, 1]);
    device.destroy();
  });

  test('collects gradients in its twin, gaps and padding zero', async () => {
    const device = await testDevice();
    const parameters = await makeParameters();
    const arena = new ParameterArena(device, parameters);
    scope(device, () => {
      for (const { tensor } of parameters) backward(sum(multiply(tensor, tensor)));
    });
    for (const [i, { tensor }] of parameters.entries()) {
      expect(gradOf(tensor)!.slice).toEqual(arena.sliceOf(arena.gradients, i));
    }
    const [gradients, held] = await device.read([...arena.gradients, ...arena.values]);
    const doubled = new Float32Array(held!).map((value) => 2 * value);
    expect(new Float32Array(gradients!)).toEqual(doubled);
    arena.dispose();
  });
});

test('an optimizer whose parameters went over to a later one refuses to step, and leaves them there when it is disposed', async () => {
  const device = await testDevice();
  const parameter = new Parameter(device, new Float32Array([1, 2]), [2]);
  parameter.name = 'weight';
  const earlier = new Adam({ parameters: [parameter] });
  const later = new SGD({ parameters: [parameter], learningRate: 0.5 });
  const computeGradients = () => scope(device, () => backward(sum(parameter.tensor)));
  computeGradients();
  expect(() => earlier.step()).toThrow(/Adam no longer holds weight of shape \[2\].*made of it later/);
  earlier.dispose();
  later.step();
  expect(await parameter.tensor.data()).toEqual(Float32Array.of(0.5, 1.5));
  later.dispose();
  expect(await parameter.tensor.data()).toEqual(Float32Array.of(0.5, 1.5));
});
