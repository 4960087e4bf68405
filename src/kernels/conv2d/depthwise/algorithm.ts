/**
 * @file Depthwise convolutions and groups of four, as an algorithm for adapters of every kind.
 */

import { singleDispatch } from '../../sequence.ts';
import type { Algorithm } from '../algorithm.ts';
import { depthwiseBackwardWeightSequence } from './backward-weight.ts';
import { depthwiseFits } from './layout.ts';
import { depthwiseBackwardInputPlan, depthwiseForwardPlan } from './maps.ts';

export const depthwise: Algorithm = {
  name: 'depthwise',
  supports: (_, g) => depthwiseFits(g),
  prefers: () => true,
  forward: (g, epilogue, target) => singleDispatch(depthwiseForwardPlan(g, epilogue, target)),
  backwardInput: (g, target) => singleDispatch(depthwiseBackwardInputPlan(g, target)),
  backwardWeight: depthwiseBackwardWeightSequence,
};
