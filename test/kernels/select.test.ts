import { describe, expect, test } from 'vitest';
import { NO_CHOICES, PASSES } from '../../src/kernels/conv2d/choices.ts';
import { FAMILIES } from '../../src/kernels/conv2d/families.ts';
import { candidates, selectFamily } from '../../src/kernels/conv2d/select.ts';
import { conv2dGeometry } from '../../src/shape/conv2d.ts';
import type { Shape } from '../../src/shape/shape.ts';

const gpu = { software: false, subgroupLanes: 32, readableTextures: true, choices: NO_CHOICES };
const cpu = { software: true, subgroupLanes: 8, readableTextures: true, choices: NO_CHOICES };

const convolution = (input: Shape, weight: Shape, groups = 1) =>
  conv2dGeometry(input, weight, { padding: (weight[2]! - 1) / 2, groups });

const selected = (g: ReturnType<typeof convolution>, target = gpu) =>
  PASSES.map((pass) => selectFamily(pass, g, target).name);

describe('the rules', () => {
  test('take tiles on GPUs, but for groups and where they would be empty', () => {
    expect(selected(convolution([2, 64, 14, 14], [64, 64, 3, 3]))).toEqual(['tiled', 'tiled', 'tiled']);
    expect(selected(convolution([2, 64, 14, 14], [64, 32, 3, 3], 2))).toEqual(['plain', 'plain', 'plain']);
    expect(selected(convolution([2, 4, 14, 14], [64, 4, 3, 3]))).toEqual(['tiled', 'plain', 'tiled']);
    expect(selected(convolution([1, 64, 3, 3], [64, 64, 3, 3]))).toEqual(['plain', 'plain', 'tiled']);
  });

  test('take subgroups on software adapters, by way of Winograd where that pays', () => {
    const pointwise = convolution([2, 256, 14, 14], [256, 256, 1, 1]);
    expect(selected(pointwise, cpu)).toEqual(['subgroup', 'subgroup', 'subgroup']);
    const window = convolution([2, 256, 14, 14], [256, 256, 3, 3]);
    expect(selected(window, cpu)).toEqual(['winograd', 'winograd', 'subgroup']);
    expect(selected(window, { ...cpu, subgroupLanes: 0 })).toEqual(['plain', 'plain', 'plain']);
    expect(selected(window, { ...cpu, readableTextures: false })).toEqual(['plain', 'plain', 'plain']);
  });

  test('take the kernels for groups everywhere', () => {
    for (const target of [gpu, cpu]) {
      expect(new Set(selected(convolution([2, 32, 9, 9], [32, 1, 3, 3], 32), target))).toEqual(
        new Set(['quadwise']),
      );
      expect(new Set(selected(convolution([2, 32, 9, 9], [32, 4, 3, 3], 8), target))).toEqual(
        new Set(['quadwise']),
      );
      expect(new Set(selected(convolution([2, 6, 9, 9], [6, 2, 3, 3], 3), target))).toEqual(
        new Set(['grouped']),
      );
    }
  });
});

describe('a measured choice', () => {
  const g = convolution([2, 64, 14, 14], [64, 64, 3, 3]);
  const choosing = (name: string) => ({ ...gpu, choices: { familyOf: () => name } });

  test('goes before the rules', () => {
    expect(selected(g, choosing('plain'))).toEqual(['plain', 'plain', 'plain']);
  });

  test('counts only where there is such a kernel', () => {
    expect(selected(g, choosing('quadwise'))).toEqual(['tiled', 'tiled', 'tiled']);
    expect(selected(g, choosing('no such family'))).toEqual(['tiled', 'tiled', 'tiled']);
  });
});

test('candidates are the families made for the adapter, and the rules choose among them', () => {
  for (const target of [gpu, cpu]) {
    for (const g of [convolution([1, 8, 5, 5], [8, 8, 3, 3]), convolution([1, 6, 5, 5], [6, 1, 3, 3], 6)]) {
      for (const pass of PASSES) {
        const names = candidates(pass, g, target).map(({ name }) => name);
        expect(names).toContain(selectFamily(pass, g, target).name);
        expect(names.some((name) => name.startsWith(target.software ? 'tiled' : 'subgroup'))).toBe(false);
        expect(names.at(-1)).toBe(g.groups === 1 ? 'plain' : 'grouped');
      }
    }
  }
});

test('families have different names', () => {
  expect(new Set(FAMILIES.map(({ name }) => name)).size).toBe(FAMILIES.length);
});
