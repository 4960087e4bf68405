/**
 * @file When a training that no longer improves ends. It follows from the history alone, so that a resumed training ends where
 * one that was not stopped would have.
 */

import {
  atLeast,
  checkArgument,
  checkOptions,
  NUMBER,
  type OptionRules,
  oneOf,
  required,
  STRING,
  whole,
} from '../arguments.ts';
import { check } from '../errors.ts';

/** When a training ends before its last epoch. */
export interface EarlyStoppingOptions {
  /** It ends after so many validations in a row that were no better than the best one before them. */
  readonly patience: number;
  /** The figure of each validation that is watched; by default that of `monitor` of `fit`, which is 'loss' by default. */
  readonly monitor?: string | undefined;
  /** By how much a figure must be better than the best to count as better, 0 by default. */
  readonly minDelta?: number | undefined;
  /**
   * Whether smaller figures are better, or larger ones; known of 'loss' ('min'), 'accuracy', 'weightedAccuracy' and 'auc' ('max'),
   * and to be given for all others.
   */
  readonly mode?: 'min' | 'max' | undefined;
}

const OPTIONS: OptionRules<EarlyStoppingOptions> = {
  patience: required(whole(1)),
  monitor: STRING,
  minDelta: atLeast(0),
  mode: oneOf('min', 'max'),
};

const MODES: Readonly<Record<string, 'min' | 'max'>> = {
  loss: 'min',
  accuracy: 'max',
  weightedAccuracy: 'max',
  auc: 'max',
};

/** Throws 'invalid-argument' unless `options` are {@link EarlyStoppingOptions}; `monitor` is that of `fit`. */
export function checkEarlyStopping(options: EarlyStoppingOptions, monitor = 'loss'): void {
  checkOptions('earlyStopping of fit', options, OPTIONS);
  const { monitor: watched = monitor, mode } = options;
  check(mode !== undefined || Object.hasOwn(MODES, watched), 'invalid-argument', () => {
    return `earlyStopping of fit watches '${watched}' and must be told its mode: 'min' where smaller figures are better, else 'max'`;
  });
}

/**
 * Whether a training with these epochs behind it is over. A figure that is NaN is no better than any.
 *
 * Throws 'invalid-argument' where a validation has no such figure.
 */
export function stopsEarly(
  history: readonly { readonly validation: object }[],
  options: EarlyStoppingOptions,
  monitor: string,
): boolean {
  const { patience, monitor: watched = monitor, minDelta = 0, mode = MODES[watched] } = options;
  const sign = mode === 'max' ? -1 : 1;
  let best = Number.POSITIVE_INFINITY;
  let bad = 0;
  for (const { validation } of history) {
    const figure: unknown = (validation as Readonly<Record<string, unknown>>)[watched];
    checkArgument(`the figure ${watched} of a validation, which earlyStopping is to watch,`, figure, NUMBER);
    const value = sign * (figure as number);
    if (value < best - minDelta) [best, bad] = [value, 0];
    else bad++;
    if (bad >= patience) return true;
  }
  return false;
}
