/**
 * @file All that `verify` tries on an adapter, each with the figures of its right results.
 */

import type { Device } from '../device/device.ts';
import type { Algorithm } from '../kernels/conv2d/algorithm.ts';
import { PASSES, type Pass } from '../kernels/conv2d/passes.ts';
import { candidates } from '../kernels/conv2d/selection.ts';
import type { KernelTarget } from '../kernels/plan.ts';
import { OP_CASES } from './cases/all.ts';
import { nameOf } from './cases/case.ts';
import { CONVOLUTION_CASES, geometryOf } from './cases/convolutions.ts';
import { FIGURES } from './figures.ts';
import type { Figures, Results } from './measure.ts';
import { runOpCase } from './run-op-case.ts';
import { convolutionName, PASS_RESULTS, passBound, runPass } from './run-pass.ts';
import { runTraining, TRAINING_BOUND, TRAINING_NAME } from './run-training.ts';

/** A piece of work whose right results are known. */
export interface Check {
  /** What is awkward about it. */
  readonly about: string;
  readonly figures: Figures;
  /** Of the relative error of each result. */
  readonly bound: number;
  readonly work: (device: Device) => Results;
}

/** A check of an op. */
export interface OpCheck extends Check {
  readonly op: string;
}

/** A check of a pass of a convolution by an algorithm. */
export interface AlgorithmCheck extends Check {
  readonly algorithm: Algorithm;
  readonly pass: Pass;
}

/** Of all ops. */
export function opChecks(): OpCheck[] {
  return OP_CASES.map((found) => ({
    op: found.op,
    about: found.about,
    figures: FIGURES[nameOf(found)]!,
    bound: found.bound,
    work: (device) => runOpCase(device, found),
  }));
}

/** Of all of these algorithms that may be chosen on an adapter. */
export function algorithmChecks(algorithms: readonly Algorithm[], target: KernelTarget): AlgorithmCheck[] {
  return CONVOLUTION_CASES.flatMap((found) => {
    const all = FIGURES[convolutionName(found)]!;
    return PASSES.flatMap((pass) => {
      const figures = Object.fromEntries(PASS_RESULTS[pass].map((result) => [result, all[result]!]));
      const bound = passBound(found, pass);
      return candidates(algorithms, pass, geometryOf(found), target).map((algorithm) => ({
        ...{ algorithm, pass, about: found.name, figures, bound },
        work: (device: Device) => runPass(device, found, pass, algorithm),
      }));
    });
  });
}

/** Of training. */
export function trainingCheck(): Check {
  return { about: '', figures: FIGURES[TRAINING_NAME]!, bound: TRAINING_BOUND, work: runTraining };
}
