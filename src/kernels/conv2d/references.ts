/**
 * @file The algorithms for adapters of every kind: between them they do everything, and the others are judged by their results.
 */

import { groupsAreAligned } from '../../shape/conv2d.ts';
import { singleDispatch } from '../sequence.ts';
import type { Algorithm } from './algorithm.ts';
import { groupedBackwardInputPlan, groupedBackwardWeightSequence, groupedForwardPlan } from './grouped.ts';
import { conv2dBackwardInputPlan } from './plain/backward-input.ts';
import { conv2dBackwardWeightSequence } from './plain/backward-weight.ts';
import { conv2dForwardPlan } from './plain/forward.ts';

const plain: Algorithm = {
  name: 'plain',
  supports: (_, g) => groupsAreAligned(g),
  prefers: () => true,
  forward: (g, epilogue) => singleDispatch(conv2dForwardPlan(g, epilogue)),
  backwardInput: (g) => singleDispatch(conv2dBackwardInputPlan(g)),
  backwardWeight: conv2dBackwardWeightSequence,
};

const grouped: Algorithm = {
  name: 'grouped',
  supports: () => true,
  prefers: () => true,
  forward: (g, epilogue) => singleDispatch(groupedForwardPlan(g, epilogue)),
  backwardInput: (g) => singleDispatch(groupedBackwardInputPlan(g)),
  backwardWeight: groupedBackwardWeightSequence,
};

/** What every list ends with. */
export const REFERENCES: readonly Algorithm[] = [plain, grouped];
