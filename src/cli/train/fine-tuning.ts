/**
 * @file Which parts of a network a training changes, and how fast: `--freeze`, `--batch-norm`, `--head-lr`.
 */

import { check, FoveaError } from '../../errors.ts';
import { freeze, type ParameterPattern, unfreeze } from '../../nn/freeze.ts';
import type { Parameter } from '../../nn/parameter.ts';
import type { ResNet } from '../../nn/resnet.ts';
import type { TrainingSettings } from '../../train/checkpoint.ts';
import type { RunConfig } from './run-config.ts';

/** The parameters of the last layer. */
const HEAD = /^out\./;
/** All others. */
const BACKBONE = /^(?!out\.)/;
/** The parameters of batch norms: where both of one are frozen, it normalizes by its running statistics. */
const BATCH_NORMS = /\._batch_norm\./;

/**
 * Freezes what the settings say. Throws 'invalid-argument' for a pattern that no name matches, and where nothing is left to
 * train.
 */
export function freezeParts(model: ResNet, { freeze: patterns, batchNorm }: RunConfig): void {
  for (const pattern of patterns?.split(',') ?? []) freeze(model, patternOf(pattern.trim()));
  if (batchNorm === 'held') freeze(model, BATCH_NORMS);
  if (batchNorm === 'trained') unfreeze(model, BATCH_NORMS);
  check(
    model.parameters().some(({ requiresGrad }) => requiresGrad),
    'invalid-argument',
    () => `--freeze ${patterns}: nothing is left to train: freeze less, the backbone for instance.`,
  );
}

/** `backbone`; `/…/`, an expression; a name with `*` in it; or the beginning of names up to a dot. */
function patternOf(text: string): ParameterPattern {
  if (text === 'backbone') return BACKBONE;
  const expression = /^\/(.+)\/$/.exec(text)?.[1];
  if (expression === undefined && !text.includes('*')) return text;
  const escaped = text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^.]*');
  try {
    return new RegExp(expression ?? `^${escaped}(\\.|$)`);
  } catch (cause) {
    throw new FoveaError('invalid-argument', `--freeze ${text} is no regular expression.`, { cause });
  }
}

/** How many times the rate of the others a parameter's rate is; undefined where all have the same. */
export function rateFactorOf({ lr, headLr }: RunConfig): ((parameter: Parameter) => number) | undefined {
  return headLr === undefined ? undefined : ({ name }) => (HEAD.test(name) ? headLr / lr : 1);
}

/** What decides the weights, by the names that messages give. */
export function fineTuningSettings(config: RunConfig): TrainingSettings {
  const { initDigest, initOptimizer, freeze, headLr, batchNorm } = config;
  return {
    ...(initDigest && { 'initial weights': initDigest }),
    ...(initOptimizer && { 'initial velocities': initOptimizer }),
    ...(freeze && { freeze }),
    ...(headLr && { 'head-lr': headLr }),
    ...(batchNorm && { 'batch-norm': batchNorm }),
  };
}
