/**
 * @file Picks the kernels of a convolution by its geometry and the adapter.
 */

import { type Conv2dGeometry, groupsAreAligned } from '../../shape/conv2d.ts';
import { channelQuads } from '../../shape/layout.ts';
import type { KernelPlan, KernelTarget } from '../kernel.ts';
import { conv2dBackwardInputPlan } from './backward-input.ts';
import { conv2dBackwardWeightPlans } from './backward-weight.ts';
import type { Epilogue } from './epilogue.ts';
import { conv2dForwardPlan } from './forward.ts';
import { groupedBackwardInputPlan, groupedBackwardWeightPlans, groupedForwardPlan } from './grouped.ts';
import type { BackwardWeightPlans } from './split.ts';
import { subgroupTileFits } from './subgroup.ts';
import { subgroupBackwardInputPlan } from './subgroup-backward-input.ts';
import { subgroupBackwardWeightFits, subgroupBackwardWeightPlans } from './subgroup-backward-weight.ts';
import { subgroupForwardPlan } from './subgroup-forward.ts';
import { fillsTiles, outputPixels, phasePixels, weightRows } from './tiled.ts';
import { tiledBackwardInputPlan } from './tiled-backward-input.ts';
import { tiledBackwardWeightPlans } from './tiled-backward-weight.ts';
import { tiledForwardPlan } from './tiled-forward.ts';
import { winogradPays } from './winograd.ts';

/** Whether subgroup tiles are likely to win: loads are dear, and most lanes have a column of their own. */
function prefersSubgroups(
  g: Conv2dGeometry,
  { software, subgroupLanes }: KernelTarget,
  columns: number,
): boolean {
  return (
    software &&
    g.groups === 1 &&
    subgroupTileFits(subgroupLanes) &&
    channelQuads(columns) * 2 >= subgroupLanes
  );
}

/** Whether tiles in workgroup memory win: on GPUs, if the matrix of results fills them. */
function prefersTiles(
  { groups }: Conv2dGeometry,
  { software }: KernelTarget,
  rows: number,
  columns: number,
): boolean {
  return !software && groups === 1 && fillsTiles(rows, columns);
}

/** Whether forward and the gradient by the input go by way of Winograd's tiles, several dispatches each. */
export function selectWinograd(g: Conv2dGeometry, target: KernelTarget): boolean {
  const channels = Math.min(g.inChannels, g.outChannels);
  return prefersSubgroups(g, target, channels) && winogradPays(g);
}

/** Forward. Buffers: x, weight, those of the epilogue, y. */
export function selectForward(g: Conv2dGeometry, epilogue: Epilogue, target: KernelTarget): KernelPlan {
  if (!groupsAreAligned(g)) return groupedForwardPlan(g, epilogue);
  if (prefersSubgroups(g, target, g.outChannels))
    return subgroupForwardPlan(g, target.subgroupLanes, epilogue);
  if (prefersTiles(g, target, outputPixels(g), g.outChannels)) return tiledForwardPlan(g, epilogue);
  return conv2dForwardPlan(g, epilogue);
}

/** Gradient by the input. Buffers: dy, weight, dx. */
export function selectBackwardInput(g: Conv2dGeometry, target: KernelTarget): KernelPlan {
  if (!groupsAreAligned(g)) return groupedBackwardInputPlan(g);
  if (prefersSubgroups(g, target, g.inChannels)) return subgroupBackwardInputPlan(g, target.subgroupLanes);
  if (prefersTiles(g, target, phasePixels(g), g.inChannels)) return tiledBackwardInputPlan(g);
  return conv2dBackwardInputPlan(g);
}

/** Gradient by the weight. */
export function selectBackwardWeight(g: Conv2dGeometry, target: KernelTarget): BackwardWeightPlans {
  if (!groupsAreAligned(g)) return groupedBackwardWeightPlans(g);
  if (prefersSubgroups(g, target, g.outChannels) && subgroupBackwardWeightFits(target.subgroupLanes)) {
    return subgroupBackwardWeightPlans(g, target.subgroupLanes);
  }
  if (prefersTiles(g, target, weightRows(g), g.outChannels)) return tiledBackwardWeightPlans(g);
  return conv2dBackwardWeightPlans(g);
}
