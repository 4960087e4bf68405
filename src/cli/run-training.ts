/**
 * @file A whole training, from the folders of photographs to the folder of results.
 */

import type { AdapterKind } from '../device/adapter-source.ts';
import type { Device } from '../device/device.ts';
import { ResNet } from '../nn/resnet.ts';
import { Momentum } from '../optim/momentum.ts';
import { PolynomialDecay } from '../optim/polynomial-decay.ts';
import { type Checkpoint, type ModelConfig, restoreCheckpoint, takeCheckpoint } from '../train/checkpoint.ts';
import { type FitResult, fit, type StepReport } from '../train/fit.ts';
import { BEGINNING, type TrainingProgress } from '../train/progress.ts';
import { RunFolder } from '../train/run-folder.ts';
import { checkFile, checkFolder } from './arguments.ts';
import { interruptSignal } from './interrupt.ts';
import { openDevice } from './open-device.ts';
import { evaluationLine, print, resourcesLine, warn } from './output.ts';
import { ProgressDisplay } from './progress-display.ts';
import type { RunConfig } from './run-config.ts';
import { openTrainingData, reportCorrupt, type TrainingData } from './training-data.ts';

/** What {@link runTraining} takes. */
export interface TrainingRun {
  readonly config: RunConfig;
  /** The folder of results. */
  readonly out: string;
  readonly adapter: AdapterKind;
  readonly maxSteps?: number | undefined;
  /** Where to go on; a new training by default. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** Trains, prints how it goes, and keeps checkpoints, metrics and pictures in the folder of results. */
export async function runTraining(run: TrainingRun): Promise<FitResult> {
  const { config, out, checkpoint } = run;
  await checkFolder('--train', config.train);
  await checkFolder('--val', config.val);
  await checkFile('--labels', config.labels);
  const folder = checkpoint
    ? await RunFolder.resume(out, checkpoint.progress)
    : await RunFolder.create(out, config);
  const device = await openDevice(run.adapter);
  try {
    const data = await openTrainingData(config);
    try {
      return await train(device, data, folder, run);
    } finally {
      await data.training.dataset.close();
      await data.validation.dataset.close();
    }
  } finally {
    device.destroy();
  }
}

/** How often memory and what was created are printed, beside the ends of epochs. */
const STEPS_BETWEEN_RESOURCES = 20;

async function train(
  device: Device,
  { training, validation }: TrainingData,
  folder: RunFolder,
  { config, maxSteps, checkpoint }: TrainingRun,
): Promise<FitResult> {
  const { layers, size, batch, epochs, lr, seed } = config;
  const modelConfig: ModelConfig = { layers, classDim: 1, size, channelOrder: 'bgr' };
  const model = new ResNet(device, { layers, seed });
  const optimizer = new Momentum({
    parameters: model.parameters(),
    learningRate: new PolynomialDecay({
      initial: lr,
      steps: decaySteps(training.dataset.length, batch),
      end: 0.001,
    }),
  });
  if (checkpoint) restoreCheckpoint(checkpoint, model, optimizer);

  const start = checkpoint?.progress ?? BEGINNING;
  const steps = Math.min(epochs * training.length, maxSteps ?? Number.POSITIVE_INFINITY);
  const display = new ProgressDisplay({ firstStep: start.step, steps, epochs });
  const save = async (progress: TrainingProgress) =>
    folder.save(await takeCheckpoint(model, optimizer, { config: modelConfig, progress }));
  let withoutPng: string | undefined;
  const draw = async () => {
    const subtitle = `ResNet-${layers}, ${size} × ${size}, batch ${batch}, rate ${lr}, seed ${seed}`;
    withoutPng = await folder.draw(subtitle);
  };
  const onStep = (report: StepReport) => {
    folder.addStep(report);
    display.step(report);
    const done = report.step - start.step;
    if (done === 2 || done % STEPS_BETWEEN_RESOURCES === 0 || report.batch === training.length - 1) {
      display.line(`After step ${report.step}: ${resourcesLine(device)}`);
    }
  };
  const interrupt = interruptSignal(() =>
    display.line('Stopping after this step; Ctrl-C again ends at once.'),
  );
  try {
    const result = await fit({
      model,
      optimizer,
      training,
      validation,
      epochs,
      maxSteps,
      start,
      recalibrate: config.recalibrate ? training : undefined,
      signal: interrupt.signal,
      onStep,
      onEpoch: async (report, progress) => {
        const { loss, accuracy } = report.training;
        display.line(
          `Epoch ${report.epoch + 1}, training: loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`,
        );
        display.line(`Epoch ${report.epoch + 1}, validation: ${evaluationLine(report.validation)}`);
        folder.addEpoch(report);
        await save(progress);
        await draw();
      },
      onFailedValidation: save,
    });
    display.stop();
    if (result.reason !== 'finished') await save(result.progress);
    await draw();
    if (withoutPng) warn(`No loss.png: ${withoutPng}`);
    print(`At the end: ${resourcesLine(device)}`);
    return result;
  } finally {
    display.stop();
    reportCorrupt(training);
    reportCorrupt(validation);
    interrupt.release();
    optimizer.dispose();
    model.dispose();
  }
}

/** The original's span of the falling rate: two and a half epochs of one batch more than there are full ones. */
function decaySteps(samples: number, batch: number): number {
  return (Math.floor(samples / batch) + 1) * 2.5;
}
