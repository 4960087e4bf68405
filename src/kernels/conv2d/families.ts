/**
 * @file The families of convolution kernels: what each can do, what it is made for, and its plans.
 */

import { type Conv2dGeometry, groupsAreAligned } from '../../shape/conv2d.ts';
import { channelQuads } from '../../shape/layout.ts';
import type { KernelPlan, KernelTarget } from '../kernel.ts';
import { conv2dBackwardInputPlan } from './backward-input.ts';
import { conv2dBackwardWeightPlans } from './backward-weight.ts';
import type { Pass } from './choices.ts';
import type { Epilogue } from './epilogue.ts';
import { conv2dForwardPlan } from './forward.ts';
import { groupedBackwardInputPlan, groupedBackwardWeightPlans, groupedForwardPlan } from './grouped.ts';
import { quadwiseFits } from './quadwise.ts';
import { quadwiseBackwardWeightPlans } from './quadwise-backward-weight.ts';
import { quadwiseBackwardInputPlan, quadwiseForwardPlan } from './quadwise-maps.ts';
import type { BackwardWeightPlans } from './split.ts';
import { subgroupTileFits } from './subgroup.ts';
import { subgroupBackwardInputPlan } from './subgroup-backward-input.ts';
import { subgroupBackwardWeightPlans } from './subgroup-backward-weight.ts';
import { subgroupForwardPlan } from './subgroup-forward.ts';
import { fillsTiles, outputPixels, phasePixels, type Tile, weightRows } from './tiled.ts';
import { tiledBackwardInputPlan } from './tiled-backward-input.ts';
import { tiledBackwardWeightPlans } from './tiled-backward-weight.ts';
import { tiledForwardPlan } from './tiled-forward.ts';
import {
  type WinogradPlans,
  winogradBackwardInputPlans,
  winogradFits,
  winogradForwardPlans,
  winogradPays,
} from './winograd.ts';

/** The dispatches of forward or of the gradient by the input: one, or Winograd's. */
export type MapPlans = KernelPlan | WinogradPlans;

/** Kernels for the passes of a convolution, made on one idea. */
export interface Family {
  readonly name: string;
  /** The kind of adapter that the idea is for. The kernels are right on all. */
  readonly adapters: 'all' | 'software' | 'hardware';
  /** Whether forward and the gradient by the input take Winograd's dispatches. */
  readonly isWinograd?: true;
  /** Whether there is a kernel for this. */
  supports(pass: Pass, g: Conv2dGeometry, target: KernelTarget): boolean;
  /** Whether it is likely to be faster than the families after it; asked for what it supports. */
  prefers(pass: Pass, g: Conv2dGeometry, target: KernelTarget): boolean;
  /** Buffers of a single plan: x, weight, those of the epilogue, y. */
  forward(g: Conv2dGeometry, epilogue: Epilogue, target: KernelTarget): MapPlans;
  /** Buffers of a single plan: dy, weight, dx. */
  backwardInput(g: Conv2dGeometry, target: KernelTarget): MapPlans;
  backwardWeight(g: Conv2dGeometry, target: KernelTarget): BackwardWeightPlans;
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
  isWinograd: true,
  supports: (pass, g, target) => pass !== 'backwardWeight' && winogradFits(g) && subgroupTileFits(target),
  prefers: (_, g, { subgroupLanes }) =>
    fillsSubgroups(Math.min(g.inChannels, g.outChannels), subgroupLanes) && winogradPays(g),
  forward: (g, epilogue, { subgroupLanes }) => winogradForwardPlans(g, subgroupLanes, epilogue),
  backwardInput: (g, { subgroupLanes }) => winogradBackwardInputPlans(g, subgroupLanes),
  backwardWeight: (g, { subgroupLanes }) => subgroupBackwardWeightPlans(g, subgroupLanes),
};

const subgroup: Family = {
  name: 'subgroup',
  adapters: 'software',
  supports: (_, g, target) => isDense(g) && subgroupTileFits(target),
  prefers: (pass, g, { subgroupLanes }) => fillsSubgroups(resultSize(pass, g).columns, subgroupLanes),
  forward: (g, epilogue, { subgroupLanes }) => subgroupForwardPlan(g, subgroupLanes, epilogue),
  backwardInput: (g, { subgroupLanes }) => subgroupBackwardInputPlan(g, subgroupLanes),
  backwardWeight: (g, { subgroupLanes }) => subgroupBackwardWeightPlans(g, subgroupLanes),
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
    forward: (g, epilogue) => tiledForwardPlan(g, epilogue, tile),
    backwardInput: (g) => tiledBackwardInputPlan(g, tile),
    backwardWeight: (g) => tiledBackwardWeightPlans(g, tile),
  };
}

const quadwise: Family = {
  name: 'quadwise',
  adapters: 'all',
  supports: (_, g) => quadwiseFits(g),
  prefers: () => true,
  forward: quadwiseForwardPlan,
  backwardInput: quadwiseBackwardInputPlan,
  backwardWeight: quadwiseBackwardWeightPlans,
};

const plain: Family = {
  name: 'plain',
  adapters: 'all',
  supports: (_, g) => groupsAreAligned(g),
  prefers: () => true,
  forward: conv2dForwardPlan,
  backwardInput: conv2dBackwardInputPlan,
  backwardWeight: conv2dBackwardWeightPlans,
};

const grouped: Family = {
  name: 'grouped',
  adapters: 'all',
  supports: () => true,
  prefers: () => true,
  forward: groupedForwardPlan,
  backwardInput: groupedBackwardInputPlan,
  backwardWeight: groupedBackwardWeightPlans,
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
