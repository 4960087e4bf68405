import { describe, expect, test } from 'vitest';
import { ALL_ALGORITHMS } from '../../src/kernels/conv2d/all-algorithms.ts';
import { biasEpilogue } from '../../src/kernels/conv2d/epilogue.ts';
import { ALGORITHMS_FOR_HARDWARE } from '../../src/kernels/conv2d/for-hardware.ts';
import { ALGORITHMS_FOR_SOFTWARE } from '../../src/kernels/conv2d/for-software.ts';
import { PASSES, type TunedAlgorithms, UNTUNED } from '../../src/kernels/conv2d/passes.ts';
import { candidates, selectAlgorithm } from '../../src/kernels/conv2d/selection.ts';
import type { KernelTarget } from '../../src/kernels/plan.ts';
import { conv2dGeometry } from '../../src/shape/conv2d.ts';
import type { Shape } from '../../src/shape/shape.ts';

const gpu: KernelTarget = { software: false, subgroupLanes: 32, readableTextures: true, sumsPerThread: 64 };
const cpu: KernelTarget = { software: true, subgroupLanes: 8, readableTextures: true, sumsPerThread: 64 };

const algorithmsFor = ({ software }: typeof gpu) =>
  software ? ALGORITHMS_FOR_SOFTWARE : ALGORITHMS_FOR_HARDWARE;

const convolution = (input: Shape, weight: Shape, groups = 1) =>
  conv2dGeometry(input, weight, { padding: (weight[2]! - 1) / 2, groups });

const selected = (g: ReturnType<typeof convolution>, target = gpu, tuned: TunedAlgorithms = UNTUNED) =>
  PASSES.map((pass) => selectAlgorithm(algorithmsFor(target), pass, g, target, tuned).name);

describe('the heuristics', () => {
  test('take tiles on GPUs, but for groups and where they would be empty', () => {
    expect(selected(convolution([2, 64, 14, 14], [64, 64, 3, 3]))).toEqual(['tiled', 'tiled', 'tiled']);
    expect(selected(convolution([2, 64, 14, 14], [64, 32, 3, 3], 2))).toEqual(['plain', 'plain', 'plain']);
    expect(selected(convolution([2, 4, 14, 14], [64, 4, 3, 3]))).toEqual(['tiled', 'plain', 'tiled']);
    expect(selected(convolution([1, 64, 3, 3], [64, 64, 3, 3]))).toEqual(['plain', 'plain', 'tiled']);
  });

  test('take smaller tiles where there are few registers, and for smaller matrices', () => {
    const g = convolution([2, 64, 14, 14], [64, 64, 3, 3]);
    const threadTiles = (sumsPerThread: KernelTarget['sumsPerThread']) => {
      const target = { ...gpu, sumsPerThread };
      return PASSES.map((pass) => {
        const algorithm = selectAlgorithm(algorithmsFor(target), pass, g, target, UNTUNED);
        const { steps } = {
          forward: () => algorithm.forward(g, biasEpilogue(false), target),
          backwardInput: () => algorithm.backwardInput(g, target),
          backwardWeight: () => algorithm.backwardWeight(g, target),
        }[pass]();
        const { key } = steps[0]!.plan;
        return ['rows', 'columns']
          .map((side) => new RegExp(`${side}PerThread=(\\d)`).exec(key)?.[1])
          .join('×');
      });
    };
    expect(threadTiles(64)).toEqual(['8×8', '8×8', '8×8']);
    expect(threadTiles(32)).toEqual(['4×4', '4×4', '8×4']);
    expect(threadTiles(16)).toEqual(['4×4', '4×4', '4×4']);
    const narrow = convolution([1, 16, 5, 5], [16, 16, 3, 3]);
    expect(selected(narrow, { ...gpu, sumsPerThread: 16 })).toEqual(['tiled', 'tiled', 'tiled']);
    expect(selected(narrow, gpu)).toEqual(['plain', 'plain', 'plain']);
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
        new Set(['depthwise']),
      );
      expect(new Set(selected(convolution([2, 32, 9, 9], [32, 4, 3, 3], 8), target))).toEqual(
        new Set(['depthwise']),
      );
      expect(new Set(selected(convolution([2, 6, 9, 9], [6, 2, 3, 3], 3), target))).toEqual(
        new Set(['grouped']),
      );
    }
  });
});

describe('what was measured', () => {
  const g = convolution([2, 64, 14, 14], [64, 64, 3, 3]);
  const measured = (name: string) => ({ algorithmOf: () => name });

  test('goes before the heuristics', () => {
    expect(selected(g, gpu, measured('plain'))).toEqual(['plain', 'plain', 'plain']);
  });

  test('counts only where there is such a kernel', () => {
    expect(selected(g, gpu, measured('depthwise'))).toEqual(['tiled', 'tiled', 'tiled']);
    expect(selected(g, gpu, measured('no such algorithm'))).toEqual(['tiled', 'tiled', 'tiled']);
    expect(selected(g, gpu, measured('subgroup'))).toEqual(['tiled', 'tiled', 'tiled']);
  });
});

test('the heuristics choose among the candidates, of which the reference is the last', () => {
  for (const target of [gpu, cpu]) {
    for (const g of [convolution([1, 8, 5, 5], [8, 8, 3, 3]), convolution([1, 6, 5, 5], [6, 1, 3, 3], 6)]) {
      for (const pass of PASSES) {
        const names = candidates(algorithmsFor(target), pass, g, target).map(({ name }) => name);
        expect(names).toContain(selectAlgorithm(algorithmsFor(target), pass, g, target, UNTUNED).name);
        expect(names.at(-1)).toBe(g.groups === 1 ? 'plain' : 'grouped');
      }
    }
  }
});

test('algorithms have different names', () => {
  expect(new Set(ALL_ALGORITHMS.map(({ name }) => name)).size).toBe(ALL_ALGORITHMS.length);
});
