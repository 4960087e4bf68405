/**
 * @file The algorithms for software adapters, in the order in which the heuristics ask them.
 *
 * Imported on demand only, see `tensor/open-device.ts`: no page on a GPU downloads them.
 */

import { channelBlocks } from '../../shape/layout.ts';
import { singleDispatch } from '../sequence.ts';
import { type Algorithm, resultChannels } from './algorithm.ts';
import { depthwise } from './depthwise/algorithm.ts';
import { REFERENCES } from './references.ts';
import { subgroupBackwardInputPlan } from './subgroup/backward-input.ts';
import { subgroupBackwardWeightSequence } from './subgroup/backward-weight.ts';
import { subgroupForwardPlan } from './subgroup/forward.ts';
import { subgroupTileFits } from './subgroup/tile.ts';
import { winogradFits, winogradPays } from './winograd/pays.ts';
import {
  winogradBackwardInputSequence,
  winogradForwardSequence,
  winogradImages,
} from './winograd/sequence.ts';

/** Whether most lanes of a subgroup have a column of their own. */
const fillsSubgroups = (columns: number, lanes: number): boolean => channelBlocks(columns) * 2 >= lanes;

const winograd: Algorithm = {
  name: 'winograd',
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
  supports: (_, { groups }, target) => groups === 1 && subgroupTileFits(target),
  prefers: (pass, g, { subgroupLanes }) => fillsSubgroups(resultChannels(pass, g), subgroupLanes),
  forward: (g, epilogue, { subgroupLanes }) =>
    singleDispatch(subgroupForwardPlan(g, subgroupLanes, epilogue)),
  backwardInput: (g, { subgroupLanes }) => singleDispatch(subgroupBackwardInputPlan(g, subgroupLanes)),
  backwardWeight: (g, { subgroupLanes }) => subgroupBackwardWeightSequence(g, subgroupLanes),
};

/** All of them. */
export const ALGORITHMS_FOR_SOFTWARE: readonly Algorithm[] = [winograd, subgroup, depthwise, ...REFERENCES];
