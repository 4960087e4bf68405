/**
 * @file Checkpoints and reports as trainings of two steps per epoch give them, of a network with one number.
 */

import type { Checkpoint } from '../../src/train/checkpoint.ts';
import type { EvaluationFigures } from '../../src/train/evaluate.ts';
import { BEGINNING, type EpochReport } from '../../src/train/progress.ts';

const FIGURES = { loss: 0.6, accuracy: 0.5, weightedAccuracy: 0.5 };
const COUNTS = { truePositives: 1, falsePositives: 0, trueNegatives: 1, falseNegatives: 0 };

/** What epoch `epoch`, from 0, came to; of its validation, `given` is otherwise. */
export function epochReport(epoch: number, given: Partial<EvaluationFigures> = {}): EpochReport {
  const confusion = { ...COUNTS, sensitivity: 1, specificity: 1 };
  const validation = { ...FIGURES, auc: 0.75, confusion, ...given };
  return { epoch, step: 2 * (epoch + 1), training: FIGURES, validation };
}

/** A checkpoint after validations that found `epochs`, and `batch` steps of the next epoch. Its weight tells it from all others. */
export function checkpointAfter(epochs: readonly Partial<EvaluationFigures>[], batch = 0): Checkpoint {
  const weights = new Map([['w', { shape: [1], data: Float32Array.of(epochs.length + batch / 10) }]]);
  const step = 2 * epochs.length + batch;
  const history = epochs.map((given, epoch) => epochReport(epoch, given));
  return {
    config: { layers: 50, classDim: 1, size: 32, channelOrder: 'bgr' },
    model: weights,
    optimizer: { name: 'Momentum', slots: { velocity: weights }, step },
    progress: { ...BEGINNING, step, epoch: epochs.length, batch, history },
  };
}
