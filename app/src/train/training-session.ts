/**
 * @file A training: its model, what updates it, its photographs, and where it stands.
 */

import {
  type Checkpoint,
  checkSameTraining,
  DataLoader,
  type Device,
  type Evaluation,
  type ExponentialMovingAverage,
  evaluate,
  ImageDataset,
  type ModelConfig,
  type Optimizer,
  PREPROCESSINGS,
  ResNet,
  recipes,
  restoreCheckpoint,
  type TrainingDescription,
  type TrainingProgress,
  takeCheckpoint,
} from 'fovea';
import type { DataSet } from '../data/data-set.ts';
import type { BestModel } from './best-model.ts';
import type { TrainSettings } from './settings.ts';
import { NO_STEPS, type StepCurve } from './step-curve.ts';

/** What lies in the engine's memory of a training. */
export class TrainingSession {
  readonly settings: TrainSettings;
  readonly data: DataSet;
  readonly device: Device;
  readonly model: ResNet;
  readonly optimizer: Optimizer;
  readonly average: ExponentialMovingAverage | undefined;
  readonly training: DataLoader;
  readonly validation: DataLoader;
  /** Where it stands; undefined before the first step. */
  progress: TrainingProgress | undefined;
  /** Where it was saved last. */
  saved: TrainingProgress | undefined;
  /** The steps so far, for the page's curves. */
  curve: StepCurve = NO_STEPS;
  /** The best round so far. */
  best: BestModel | undefined;
  /** What the last validation found, the prediction for each photograph too, and after which step. */
  validated: { readonly step: number; readonly evaluation: Evaluation } | undefined;
  /** What checkpoints keep, so that none is resumed with other settings or photographs. */
  readonly about: TrainingDescription;

  /** A training at its beginning. */
  static async open(device: Device, data: DataSet, settings: TrainSettings): Promise<TrainingSession> {
    return new TrainingSession(device, data, settings, await describeTraining(data, settings));
  }

  private constructor(device: Device, data: DataSet, settings: TrainSettings, about: TrainingDescription) {
    const { recipe, layers, size, batchSize, epochs, learningRate, seed } = settings;
    const { transforms } = recipes[recipe];
    this.settings = settings;
    this.data = data;
    this.device = device;
    this.about = about;
    const dataset = (samples: DataSet['training']) => new ImageDataset(samples, { size, onCorrupt: 'skip' });
    this.training = new DataLoader(dataset(data.training), { batchSize, shuffle: true, seed, transforms });
    this.validation = new DataLoader(dataset(data.validation), { batchSize });
    this.model = new ResNet(device, { layers, classDim: about.config.classDim, seed });
    const samples = data.training.length;
    const updates = recipes[recipe].updates(this.model, { samples, batchSize, epochs, learningRate });
    this.optimizer = updates.optimizer;
    this.average = updates.average;
  }

  /** Which network this is, and which images it takes. */
  get config(): ModelConfig {
    return this.about.config;
  }

  /** Throws 'bad-data' where `checkpoint` is of another training. */
  check(checkpoint: Checkpoint): void {
    checkSameTraining(checkpoint, this.about);
  }

  /** Sets all to where `checkpoint` was taken. Throws as {@link check}. */
  restore(checkpoint: Checkpoint): void {
    this.check(checkpoint);
    restoreCheckpoint(checkpoint, this.model, this.optimizer, this.average);
    this.progress = checkpoint.progress;
  }

  /** All that it takes to resume it. */
  checkpoint(progress: TrainingProgress): Promise<Checkpoint> {
    const { model, optimizer, average } = this;
    return takeCheckpoint(model, optimizer, { ...this.about, progress, average });
  }

  /** Validates the model as it is now, unless the last validation did. */
  async validate(): Promise<Evaluation> {
    const { step = 0 } = this.progress ?? {};
    if (this.validated?.step === step) return this.validated.evaluation;
    this.average?.swap();
    try {
      const evaluation = await evaluate(this.model, this.validation);
      this.validated = { step, evaluation };
      return evaluation;
    } finally {
      this.average?.swap();
    }
  }

  /** Frees all of it. */
  async dispose(): Promise<void> {
    this.average?.dispose();
    this.optimizer.dispose();
    this.model.dispose();
    this.device.trim();
    await Promise.all([this.training.dataset.close(), this.validation.dataset.close()]);
  }
}

async function describeTraining(data: DataSet, settings: TrainSettings): Promise<TrainingDescription> {
  const { recipe, layers, size, batchSize, learningRate, seed } = settings;
  const { classes } = data;
  return {
    config: {
      layers,
      classDim: classes.length === 2 ? 1 : classes.length,
      size,
      channelOrder: PREPROCESSINGS.original.order,
      preprocessing: 'original',
      classes: [...classes],
    },
    settings: {
      ...(recipe === 'original' ? {} : { recipe }),
      batch: batchSize,
      lr: learningRate,
      seed,
      decoder: 'own',
      photographs: await digestOf(data),
    },
  };
}

/** A digest of the photographs' names, sizes and classes. */
async function digestOf({ training, validation }: DataSet): Promise<string> {
  const lines = [training, validation].map((samples) =>
    samples.map(({ name, label, source }) => [name, label, source?.bytes]),
  );
  const bytes = new TextEncoder().encode(JSON.stringify(lines));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
