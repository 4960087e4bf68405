/**
 * @file Where a training stands: what a checkpoint keeps beside the weights.
 */

import type { EvaluationFigures, Figures } from './evaluate.ts';
import { BatchMean, type BatchMeanState } from './metrics.ts';

/** What an epoch came to. */
export interface EpochReport {
  /** From 0. */
  readonly epoch: number;
  /** Steps done when it ended. */
  readonly step: number;
  readonly training: Figures;
  readonly validation: EvaluationFigures;
}

/** Where a training stands; plain data, which survives JSON but for NaN (see {@link parseNumbers}). */
export interface TrainingProgress {
  /** Steps done. */
  readonly step: number;
  /** The epoch under way, from 0. */
  readonly epoch: number;
  /** Batches of that epoch that are done. */
  readonly batch: number;
  /** Sums over those batches. */
  readonly loss: BatchMeanState;
  readonly accuracy: BatchMeanState;
  /** The epochs before. */
  readonly history: readonly EpochReport[];
}

/** Before the first step. */
export const BEGINNING: TrainingProgress = {
  step: 0,
  epoch: 0,
  batch: 0,
  loss: new BatchMean().state,
  accuracy: new BatchMean().state,
  history: [],
};

/** Reads JSON in which only numbers that are NaN or infinite were written as null. */
export function parseNumbers(json: string): unknown {
  return JSON.parse(json, (_, value) => (value === null ? Number.NaN : value));
}
