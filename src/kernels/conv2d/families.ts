/**
 * @file The families of convolution kernels: what each can do, what it is made for, and its plans.
 */

import { type Conv2dGeometry, groupsAreAligned } from '../../shape/conv2d.ts';
import { channelQuads } from '../../shape/layout.ts';
import type { KernelTarget } from '../kernel.ts';
import { type KernelSequence, singleDispatch } from '../sequence.ts';
import { conv2dBackwardInputPlan } from './backward-input.ts';
import { conv2dBackwardWeightSequence } from './backward-weight.ts';
import type { BackwardInputBuffers, BackwardWeightBuffers, ForwardBuffers } from './buffers.ts';
import type { Pass } from './choices.ts';
import type { Epilogue } from './epilogue.ts';
import { conv2dForwardPlan } from './forward.ts';
import { groupedBackwardInputPlan, groupedBackwardWeightSequence, groupedForwardPlan } from './grouped.ts';
import { quadwiseFits } from './quadwise.ts';
import { quadwiseBackwardWeightSequence } from './quadwise-backward-weight.ts';
import { quadwiseBackwardInputPlan, quadwiseForwardPlan } from './quadwise-maps.ts';
import { subgroupTileFits } from './subgroup.ts';
import { subgroupBackwardInputPlan } from './subgroup-backward-input.ts';
import { subgroupBackwardWeightSequence } from './subgroup-backward-weight.ts';
import { subgroupForwardPlan } from './subgroup-forward.ts';
import { fillsTiles, outputPixels, phasePixels, type Tile, weightRows } from './tiled.ts';
import { tiledBackwardInputPlan } from './tiled-backward-input.ts';
import { tiledBackwardWeightSequence } from './tiled-backward-weight.ts';
import { tiledForwardPlan } from './tiled-forward.ts';
import {
  winogradBackwardInputSequence,
  winogradFits,
  winogradForwardSequence,
  winogradImages,
  winogradPays,
} from './winograd.ts';

/** Kernels for the passes of a convolution, made on one idea. */
export interface Family {
  readonly name: string;
  /** The kind of adapter that the idea is for. The kernels are right on all. */
  readonly adapters: 'all' | 'software' | 'hardware';
  /** Whether there is a kernel for this. */
  supports(pass: Pass, g: Conv2dGeometry, target: KernelTarget): boolean;
  /** Whether it is likely to be faster than the families after it; asked for what it supports. */
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
    backwardInput: () => ({ rows: phasePixels(g), columns: g.inChannels }),
    backwardWeight: () => ({ rows: weightRows(g), columns: g.outChannels }),
  }[pass]();
}

const isDense = ({ groups }: Conv2dGeometry): boolean => groups === 1;

/** Whether most lanes of a subgroup have a column of their own. */
const fillsSubgroups = (columns: number, lanes: number): boolean => channelQuads(columns) * 2 >= lanes;

const winograd: Family = {
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

const subgroup: Family = {
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
function tiled(name: string, tile?: Tile): Family {
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

const quadwise: Family = {
  name: 'quadwise',
  adapters: 'all',
  supports: (_, g) => quadwiseFits(g),
  prefers: () => true,
  forward: (g, epilogue, target) => singleDispatch(quadwiseForwardPlan(g, epilogue, target)),
  backwardInput: (g, target) => singleDispatch(quadwiseBackwardInputPlan(g, target)),
  backwardWeight: quadwiseBackwardWeightSequence,
};

const plain: Family = {
  name: 'plain',
  adapters: 'all',
  supports: (_, g) => groupsAreAligned(g),
  prefers: () => true,
  forward: (g, epilogue) => singleDispatch(conv2dForwardPlan(g, epilogue)),
  backwardInput: (g) => singleDispatch(conv2dBackwardInputPlan(g)),
  backwardWeight: conv2dBackwardWeightSequence,
};

const grouped: Family = {
  name: 'grouped',
  adapters: 'all',
  supports: () => true,
  prefers: () => true,
  forward: (g, epilogue) => singleDispatch(groupedForwardPlan(g, epilogue)),
  backwardInput: (g) => singleDispatch(groupedBackwardInputPlan(g)),
  backwardWeight: groupedBackwardWeightSequence,
};

/** All families, in the order in which the rules ask them; the last one can do everything. */
export const FAMILIES: readonly Family[] = [
  winograd,
  subgroup,
  tiled('tiled'),
  ...[64, 128].flatMap((rows) =>
    [64, 128].map((columns) => tiled(`tiled ${rows}×${columns}`, { rows, columns })),
  ),
  quadwise,
  plain,
  grouped,
];

/** Whether a family is made for the adapter. */
export function isMadeFor({ adapters }: Family, { software }: KernelTarget): boolean {
  return adapters === 'all' || adapters === (software ? 'software' : 'hardware');
}
