/**
 * @file A whole training, from the folders of photographs to the folder of results.
 */

import { PREPROCESSINGS } from '../../data/preprocessing.ts';
import type { AdapterKind } from '../../device/adapter-source.ts';
import type { Device } from '../../device/device.ts';
import { ResNet } from '../../nn/resnet.ts';
import {
  type Checkpoint,
  checkSameTraining,
  restoreCheckpoint,
  type TrainingDescription,
} from '../../train/checkpoint.ts';
import type { EarlyStoppingOptions } from '../../train/early-stopping.ts';
import type { FitResult } from '../../train/fit.ts';
import { BEGINNING } from '../../train/progress.ts';
import { recipes } from '../../train/recipes.ts';
import { RunFolder } from '../../train/run-folder.ts';
import { bestByOf } from '../../train/run-settings.ts';
import { checkPaths } from '../data-sets.ts';
import { type Interrupt, listenForInterrupt } from '../interrupt.ts';
import { openDevice } from '../open-device.ts';
import { print, resourcesLine, warn } from '../output.ts';
import { freezeParts, rateFactorOf } from './fine-tuning.ts';
import { type InitialWeights, loadInitialVelocities, loadInitialWeights } from './initial-weights.ts';
import type { SimilarSearch } from './keep-together.ts';
import type { RunConfig } from './run-config.ts';
import { trainInFolder } from './train-in-folder.ts';
import { openTrainingData, reportCorrupt, settingsOf, type TrainingData } from './training-data.ts';
import { writeResults } from './write-results.ts';

/** A training to be run. */
export interface TrainingRun {
  readonly config: RunConfig;
  /** What `init` of the settings names; missing where it was not read yet. */
  readonly initial?: InitialWeights | undefined;
  /** What looked for near-identical photographs, in other folds. */
  readonly search?: SimilarSearch | undefined;
  readonly adapter: AdapterKind;
  readonly maxSteps?: number | undefined;
}

/** Runs a new training, whose results come to lie in `out`. */
export async function runTraining({
  out,
  ...run
}: TrainingRun & { readonly out: string }): Promise<FitResult> {
  await checkPaths(run.config);
  const folder = await RunFolder.create(out, run.config);
  try {
    return await runInFolder(folder, run, undefined);
  } finally {
    await folder.close();
  }
}

/** Resumes the training in `folder` at `checkpoint`; without one, from its first step. The caller closes the folder. */
export async function resumeTraining(
  folder: RunFolder,
  run: TrainingRun,
  checkpoint: Checkpoint | undefined,
): Promise<FitResult> {
  await checkPaths(run.config);
  return runInFolder(folder, run, checkpoint);
}

interface Session {
  readonly folder: RunFolder;
  readonly run: TrainingRun;
  readonly checkpoint: Checkpoint | undefined;
  readonly about: TrainingDescription;
  readonly interrupt: Interrupt;
}

async function runInFolder(
  folder: RunFolder,
  run: TrainingRun,
  checkpoint: Checkpoint | undefined,
): Promise<FitResult> {
  const interrupt = listenForInterrupt((signal) => {
    print(`${signal}: stopping after this step; a second signal stops at once.`);
  });
  try {
    const data = await openTrainingData(run.config, run.search);
    try {
      const about = await describeTraining(run.config, data);
      if (checkpoint) checkOrigin(checkpoint, about);
      for (const note of await folder.rewind(checkpoint)) warn(note);
      await folder.keepSettings(run.config);
      if (run.config.tensorboard) folder.logToTensorBoard();
      const device = await openDevice(run.adapter);
      try {
        const result = await train(device, data, { folder, run, checkpoint, about, interrupt });
        await writeResults(folder, { config: run.config, about, data, device, result });
        return result;
      } finally {
        device.destroy();
      }
    } finally {
      await data.training.dataset.close();
      await data.validation.dataset.close();
    }
  } finally {
    interrupt.release();
  }
}

async function describeTraining(config: RunConfig, data: TrainingData): Promise<TrainingDescription> {
  const { layers, size, preprocessing = 'original' } = config;
  const channelOrder = PREPROCESSINGS[preprocessing].order;
  const { classes } = data;
  return {
    config: { layers, classDim: classDimOf(classes), size, channelOrder, preprocessing, classes },
    settings: await settingsOf(config, data),
  };
}

/** One logit for two classes, else one per class. */
const classDimOf = ({ length }: readonly string[]): number => (length === 2 ? 1 : length);

function checkOrigin(checkpoint: Checkpoint, about: TrainingDescription): void {
  if (!checkpoint.settings) {
    warn(
      'Warning: this checkpoint does not say which training it is from; only the network could be compared.',
    );
  }
  checkSameTraining(checkpoint, about);
}

async function train(
  device: Device,
  { training, validation }: TrainingData,
  session: Session,
): Promise<FitResult> {
  const { folder, run, checkpoint, about, interrupt } = session;
  const { recipe = 'original', layers, size, batch, epochs, lr, seed } = run.config;
  const model = new ResNet(device, { layers, classDim: about.config.classDim, seed });
  const weights = checkpoint ? undefined : await loadInitialWeights(model, run.config, run.initial);
  freezeParts(model, run.config);
  const { optimizer, average } = recipes[recipe].updates(model, {
    samples: training.dataset.length,
    batchSize: batch,
    epochs,
    learningRate: lr,
    rateFactor: rateFactorOf(run.config),
  });
  try {
    if (checkpoint) restoreCheckpoint(checkpoint, model, optimizer, average);
    else if (weights) await loadInitialVelocities(optimizer, run.config, weights);
    const result = await trainInFolder({
      model,
      optimizer,
      average,
      training,
      validation,
      recalibrate: run.config.recalibrate ? training : undefined,
      epochs,
      earlyStopping: earlyStoppingOf(run.config),
      maxSteps: run.maxSteps,
      start: checkpoint?.progress ?? BEGINNING,
      folder,
      about,
      subtitle: `ResNet-${layers}, ${size} × ${size}, batch ${batch}, rate ${lr}, seed ${seed}, recipe ${recipe}`,
      interrupt,
    });
    print(`At the end: ${resourcesLine(device)}`);
    return result;
  } finally {
    reportCorrupt(training);
    reportCorrupt(validation);
    average?.dispose();
    optimizer.dispose();
    model.dispose();
  }
}

/** Validations are compared by what makes one the best. */
function earlyStoppingOf(config: RunConfig): EarlyStoppingOptions | undefined {
  const { patience } = config;
  return patience === undefined ? undefined : { patience, monitor: bestByOf(config) };
}
