/**
 * @file The algorithms of a convolution: what each can do, when it is likely to win, its kernels, and which one to take.
 */

import { type Conv2dGeometry, groupsAreAligned } from '../../shape/conv2d.ts';
import { channelBlocks } from '../../shape/layout.ts';
import type { KernelTarget } from '../kernel.ts';
import { type KernelSequence, singleDispatch } from '../sequence.ts';
import type { BackwardInputBuffers, BackwardWeightBuffers, ForwardBuffers } from './buffers.ts';
import { depthwiseBackwardWeightSequence } from './depthwise/backward-weight.ts';
import { depthwiseFits } from './depthwise/layout.ts';
import { depthwiseBackwardInputPlan, depthwiseForwardPlan } from './depthwise/maps.ts';
import type { Epilogue } from './epilogue.ts';
import { groupedBackwardInputPlan, groupedBackwardWeightSequence, groupedForwardPlan } from './grouped.ts';
import type { Pass, TunedAlgorithms } from './passes.ts';
import { phaseValues } from './phase.ts';
import { conv2dBackwardInputPlan } from './plain/backward-input.ts';
import { conv2dBackwardWeightSequence } from './plain/backward-weight.ts';
import { conv2dForwardPlan } from './plain/forward.ts';
import { subgroupBackwardInputPlan } from './subgroup/backward-input.ts';
import { subgroupBackwardWeightSequence } from './subgroup/backward-weight.ts';
import { subgroupForwardPlan } from './subgroup/forward.ts';
import { subgroupTileFits } from './subgroup/tile.ts';
import { tiledBackwardInputPlan } from './tiled/backward-input.ts';
import { tiledBackwardWeightSequence } from './tiled/backward-weight.ts';
import { tiledForwardPlan } from './tiled/forward.ts';
import { fillsTiles, type WorkgroupTile, weightRows } from './tiled/tile.ts';
import { outputPixels } from './window.ts';
import {
  winogradBackwardInputSequence,
  winogradFits,
  winogradForwardSequence,
  winogradImages,
  winogradPays,
} from './winograd.ts';

/** Kernels for the passes of a convolution, made on one idea. */
export interface Algorithm {
  readonly name: string;
  /** The kind of adapter that the idea is for. The kernels are right on all. */
  readonly adapters: 'all' | 'software' | 'hardware';
  /** Whether there is a kernel for this. */
  supports(pass: Pass, g: Conv2dGeometry, target: KernelTarget): boolean;
  /** Whether it is likely to be faster than the algorithms after it; asked for what it supports. */
  prefers(pass: Pass, g: Conv2dGeometry, target: KernelTarget): boolean;
  /** How many images forward and the gradient with respect to the input take at a time; missing: any number. */
  images?(pass: 'forward' | 'backwardInput', g: Conv2dGeometry): number;
  forward(g: Conv2dGeometry, epilogue: Epilogue, target: KernelTarget): KernelSequence<ForwardBuffers>;
  backwardInput(g: Conv2dGeometry, target: KernelTarget): KernelSequence<BackwardInputBuffers>;
  backwardWeight(g: Conv2dGeometry, target: KernelTarget): KernelSequence<BackwardWeightBuffers>;
}

/** The matrix that a pass computes, as the dense kernels see it. */
function resultSize(pass: Pass, g: Conv2dGeometry): { readonly rows: number; readonly columns: number } {
  return {
    forward: () => ({ rows: outputPixels(g), columns: g.outChannels }),
    backwardInput: () => ({ rows: phaseValues(g).pixels, columns: g.inChannels }),
    backwardWeight: () => ({ rows: weightRows(g), columns: g.outChannels }),
  }[pass]();
}

const isDense = ({ groups }: Conv2dGeometry): boolean => groups === 1;

/** Whether most lanes of a subgroup have a column of their own. */
const fillsSubgroups = (columns: number, lanes: number): boolean => channelBlocks(columns) * 2 >= lanes;

const winograd: Algorithm = {
  name: 'winograd',
  adapters: 'software',
  images: winogradImages,
  supports: (pass, g, target) => pass !== 'backwardWeight' && winogradFits(g) && subgroupTileFits(target),
  prefers: (_, g, { subgroupLanes }) =>
    fillsSubgroups(Math.min(g.inChannels, g.outChannels), subgroupLanes) && winogradPays(g),
  forward: (g, epilogue, { subgroupLanes }) => winogradForwardSequence(g, subgroupLanes, epilogue),
  backwardInput: (g, { subgroupLanes }) => winogradBackwardInputSequence(g, subgroupLanes),
  backwardWeight: (g, { subgroupLanes }) => subgroupBackwardWeightSequence(g, subgroupLanes),
};

const subgroup: Algorithm = {
  name: 'subgroup',
  adapters: 'software',
  supports: (_, g, target) => isDense(g) && subgroupTileFits(target),
  prefers: (pass, g, { subgroupLanes }) => fillsSubgroups(resultSize(pass, g).columns, subgroupLanes),
  forward: (g, epilogue, { subgroupLanes }) =>
    singleDispatch(subgroupForwardPlan(g, subgroupLanes, epilogue)),
  backwardInput: (g, { subgroupLanes }) => singleDispatch(subgroupBackwardInputPlan(g, subgroupLanes)),
  backwardWeight: (g, { subgroupLanes }) => subgroupBackwardWeightSequence(g, subgroupLanes),
};

/** Tiles of one size, or of that which the rule gives. */
function tiled(name: string, tile?: WorkgroupTile): Algorithm {
  return {
    name,
    adapters: 'hardware',
    supports: (_, g) => isDense(g),
    prefers: (pass, g) => {
      const { rows, columns } = resultSize(pass, g);
      return tile === undefined && fillsTiles(rows, columns);
    },
    forward: (g, epilogue) => singleDispatch(tiledForwardPlan(g, epilogue, tile)),
    backwardInput: (g) => singleDispatch(tiledBackwardInputPlan(g, tile)),
    backwardWeight: (g) => tiledBackwardWeightSequence(g, tile),
  };
}

const depthwise: Algorithm = {
  name: 'depthwise',
  adapters: 'all',
  supports: (_, g) => depthwiseFits(g),
  prefers: () => true,
  forward: (g, epilogue, target) => singleDispatch(depthwiseForwardPlan(g, epilogue, target)),
  backwardInput: (g, target) => singleDispatch(depthwiseBackwardInputPlan(g, target)),
  backwardWeight: depthwiseBackwardWeightSequence,
};

const plain: Algorithm = {
  name: 'plain',
  adapters: 'all',
  supports: (_, g) => groupsAreAligned(g),
  prefers: () => true,
  forward: (g, epilogue) => singleDispatch(conv2dForwardPlan(g, epilogue)),
  backwardInput: (g) => singleDispatch(conv2dBackwardInputPlan(g)),
  backwardWeight: conv2dBackwardWeightSequence,
};

const grouped: Algorithm = {
  name: 'grouped',
  adapters: 'all',
  supports: () => true,
  prefers: () => true,
  forward: (g, epilogue) => singleDispatch(groupedForwardPlan(g, epilogue)),
  backwardInput: (g) => singleDispatch(groupedBackwardInputPlan(g)),
  backwardWeight: groupedBackwardWeightSequence,
};

/** All algorithms, in the order in which the rules ask them; the last one can do everything. */
export const ALGORITHMS: readonly Algorithm[] = [
  winograd,
  subgroup,
  tiled('tiled'),
  ...[64, 128].flatMap((rows) =>
    [64, 128].map((columns) => tiled(`tiled ${rows}×${columns}`, { rows, columns })),
  ),
  depthwise,
  plain,
  grouped,
];

/** Whether an algorithm is made for the adapter. */
export function isMadeFor({ adapters }: Algorithm, { software }: KernelTarget): boolean {
  return adapters === 'all' || adapters === (software ? 'software' : 'hardware');
}

/** The algorithm for a pass of the convolution `g`: the one that was measured to be the fastest, else the heuristics' choice. */
export function selectAlgorithm(
  pass: Pass,
  g: Conv2dGeometry,
  target: KernelTarget,
  tuned: TunedAlgorithms,
): Algorithm {
  const chosen = tuned.algorithmOf(pass, g);
  const measured = ALGORITHMS.find(({ name }) => name === chosen);
  return measured?.supports(pass, g, target) ? measured : heuristicAlgorithm(pass, g, target);
}

/** The algorithm that the heuristics give; the reference is preferred wherever it is asked for. */
export function heuristicAlgorithm(pass: Pass, g: Conv2dGeometry, target: KernelTarget): Algorithm {
  return ALGORITHMS.find(
    (algorithm) => isCandidate(algorithm, pass, g, target) && algorithm.prefers(pass, g, target),
  )!;
}

/**
 * The algorithms that may be the fastest for a pass of `g` on the adapter, in the order of the list, which ends with the
 * reference: what comes after it is slower.
 */
export function candidates(pass: Pass, g: Conv2dGeometry, target: KernelTarget): Algorithm[] {
  const last = ALGORITHMS.indexOf(referenceAlgorithm(g));
  return ALGORITHMS.slice(0, last + 1).filter((algorithm) => isCandidate(algorithm, pass, g, target));
}

function isCandidate(algorithm: Algorithm, pass: Pass, g: Conv2dGeometry, target: KernelTarget): boolean {
  return isMadeFor(algorithm, target) && algorithm.supports(pass, g, target);
}

/** The simplest kernels for `g`, by which the others are judged. */
export function referenceAlgorithm(g: Conv2dGeometry): Algorithm {
  const name = groupsAreAligned(g) ? 'plain' : 'grouped';
  return ALGORITHMS.find((algorithm) => algorithm.name === name)!;
}
