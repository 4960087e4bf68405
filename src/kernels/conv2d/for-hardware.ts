/**
 * @file The algorithms for GPUs, in the order in which the heuristics ask them.
 *
 * Imported on demand only, see `tensor/open-device.ts`: nothing that runs on a software adapter loads them.
 */

import type { Conv2dGeometry } from '../../shape/conv2d.ts';
import { singleDispatch } from '../sequence.ts';
import { type Algorithm, resultChannels } from './algorithm.ts';
import { depthwise } from './depthwise/algorithm.ts';
import type { Pass } from './passes.ts';
import { phaseValues } from './phase.ts';
import { tiledBackwardInputPlan } from './tiled/backward-input.ts';
import { tiledBackwardWeightSequence } from './tiled/backward-weight.ts';
import { tiledForwardPlan } from './tiled/forward.ts';
import { fillsTiles, type WorkgroupTile, weightRows } from './tiled/tile.ts';
import { outputPixels } from './window.ts';

/** Rows of the matrix that a pass computes. */
function resultRows(pass: Pass, g: Conv2dGeometry): number {
  if (pass === 'forward') return outputPixels(g);
  return pass === 'backwardInput' ? phaseValues(g).pixels : weightRows(g);
}

/** Tiles of one size, or of that which the heuristic gives. */
function tiled(name: string, tile?: WorkgroupTile): Algorithm {
  return {
    name,
    supports: (_, { groups }) => groups === 1,
    prefers: (pass, g) => tile === undefined && fillsTiles(resultRows(pass, g), resultChannels(pass, g)),
    forward: (g, epilogue) => singleDispatch(tiledForwardPlan(g, epilogue, tile)),
    backwardInput: (g) => singleDispatch(tiledBackwardInputPlan(g, tile)),
    backwardWeight: (g) => tiledBackwardWeightSequence(g, tile),
  };
}

/** All of them; the references come after. */
export const ALGORITHMS_FOR_HARDWARE: readonly Algorithm[] = [
  tiled('tiled'),
  ...[64, 128].flatMap((rows) =>
    [64, 128].map((columns) => tiled(`tiled ${rows}×${columns}`, { rows, columns })),
  ),
  depthwise,
];
