/**
 * @file The algorithms for GPUs, in the order in which the heuristics ask them.
 *
 * Imported on demand only, see `tensor/open-device.ts`: nothing that runs on a software adapter loads them.
 */

import type { Conv2dGeometry } from '../../shape/conv2d.ts';
import type { KernelTarget } from '../plan.ts';
import { singleDispatch } from '../sequence.ts';
import { type Algorithm, resultChannels } from './algorithm.ts';
import { depthwise } from './depthwise/algorithm.ts';
import type { Pass } from './passes.ts';
import { phaseValues } from './phase.ts';
import { REFERENCES } from './references.ts';
import { tiledBackwardInputPlan } from './tiled/backward-input.ts';
import { tiledBackwardWeightSequence } from './tiled/backward-weight.ts';
import { tiledForwardPlan } from './tiled/forward.ts';
import {
  chooseTile,
  fillsTiles,
  fullTile,
  LARGE_TILES,
  SMALL_TILES,
  tileName,
  type WorkgroupTile,
  weightRows,
} from './tiled/tile-size.ts';
import { outputPixels } from './window.ts';

/** Rows of the matrix that a pass computes. */
function resultRows(pass: Pass, g: Conv2dGeometry): number {
  if (pass === 'forward') return outputPixels(g);
  return pass === 'backwardInput' ? phaseValues(g).pixels : weightRows(g);
}

/** The tile that a pass is likely to be the fastest by. A weight gradient's sum is split, so that there are tiles enough. */
function heuristicTile(pass: Pass, g: Conv2dGeometry, target: KernelTarget): WorkgroupTile {
  const choose = pass === 'backwardWeight' ? fullTile : chooseTile;
  return choose(resultRows(pass, g), resultChannels(pass, g), target);
}

/** Tiles of one size, or of that which the heuristic gives. */
function tiled(size?: WorkgroupTile): Algorithm {
  return {
    name: size ? `tiled ${tileName(size)}` : 'tiled',
    supports: (_, { groups }) => groups === 1,
    prefers: (pass, g, target) =>
      size === undefined && fillsTiles(resultRows(pass, g), resultChannels(pass, g), target),
    forward: (g, epilogue, target) =>
      singleDispatch(tiledForwardPlan(g, epilogue, size ?? heuristicTile('forward', g, target))),
    backwardInput: (g, target) =>
      singleDispatch(tiledBackwardInputPlan(g, size ?? heuristicTile('backwardInput', g, target))),
    backwardWeight: (g, target) =>
      tiledBackwardWeightSequence(g, size ?? heuristicTile('backwardWeight', g, target)),
  };
}

/** All of them. */
export const ALGORITHMS_FOR_HARDWARE: readonly Algorithm[] = [
  tiled(),
  ...[...LARGE_TILES, ...SMALL_TILES].map(tiled),
  depthwise,
  ...REFERENCES,
];
