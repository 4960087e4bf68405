/**
 * @file Trains a network, prints how it goes, and keeps checkpoints, metrics and pictures in a folder.
 */

import type { Device } from '../../device/device.ts';
import type { Module } from '../../nn/module.ts';
import type { ExponentialMovingAverage } from '../../optim/exponential-moving-average.ts';
import type { Optimizer } from '../../optim/optimizer.ts';
import type { BatchSource } from '../../train/batch-source.ts';
import { type Checkpoint, takeCheckpoint } from '../../train/checkpoint.ts';
import type { EarlyStoppingOptions } from '../../train/early-stopping.ts';
import type { Evaluation } from '../../train/evaluate.ts';
import { type FitResult, fit } from '../../train/fit.ts';
import type { RecoveryReport, StepReport } from '../../train/fit-options.ts';
import type { EpochReport, TrainingProgress } from '../../train/progress.ts';
import type { RunFolder } from '../../train/run-folder.ts';
import type { TrainingSession } from '../../train/session-log.ts';
import { runtimeName } from '../../verify/runtime-name.ts';
import { VERSION } from '../../version.ts';
import type { Interrupt } from '../interrupt.ts';
import { evaluationLine, resourcesLine, warn } from '../output.ts';
import { ProgressDisplay } from '../progress-display.ts';

/** What {@link trainInFolder} takes. */
export interface FolderTraining {
  /** At `start`, as is `optimizer`. */
  readonly model: Module;
  readonly optimizer: Optimizer;
  /** Averages of the weights, to validate with and to be kept in checkpoints. */
  readonly average?: ExponentialMovingAverage | undefined;
  readonly training: BatchSource;
  readonly validation: BatchSource;
  /** See `FitOptions`. */
  readonly recalibrate?: BatchSource | undefined;
  readonly epochs: number;
  readonly maxSteps?: number | undefined;
  /** See `FitOptions`. */
  readonly earlyStopping?: EarlyStoppingOptions | undefined;
  readonly start: TrainingProgress;
  readonly folder: RunFolder;
  /** What its checkpoints say of the network and the training. */
  readonly about: Pick<Checkpoint, 'config' | 'settings'>;
  /** Stands under the loss curve's title. */
  readonly subtitle: string;
  readonly interrupt: Interrupt;
}

/** How often memory and what was created are printed, beside the ends of epochs. */
const STEPS_BETWEEN_RESOURCES = 20;

/**
 * Trains until the last epoch, `maxSteps`, or an interrupt, which gives the process its exit code. Whatever ends it, the
 * folder then holds all that is needed to resume.
 */
export async function trainInFolder(run: FolderTraining): Promise<FitResult> {
  const { folder, about, subtitle, interrupt, ...fitted } = run;
  const { model, optimizer, average, training, epochs, start } = fitted;
  const steps = Math.min(epochs * training.length, run.maxSteps ?? Number.POSITIVE_INFINITY);
  const display = new ProgressDisplay({ firstStep: start.step, steps, epochs });
  const checkpointAt = (progress: TrainingProgress) =>
    takeCheckpoint(model, optimizer, { ...about, progress, average });
  const save = async (progress: TrainingProgress) => folder.save(await checkpointAt(progress));
  const session = beginSession(model.device, start.step);
  let evaluation: Evaluation | undefined;
  const onValidation = (found: Evaluation) => {
    evaluation = found;
  };
  let withoutPng: string | undefined;
  const draw = async () => {
    withoutPng = await folder.draw(subtitle);
  };
  const onStep = (report: StepReport) => {
    folder.addStep(report);
    display.step(report);
    const done = report.step - start.step;
    if (done === 2 || done % STEPS_BETWEEN_RESOURCES === 0 || report.batch === training.length - 1) {
      display.line(`After step ${report.step}: ${resourcesLine(model.device)}`);
    }
  };
  const onEpoch = async (report: EpochReport, progress: TrainingProgress) => {
    // First, since all of this is done again where the device is lost meanwhile.
    const checkpoint = await checkpointAt(progress);
    const { loss, accuracy } = report.training;
    display.line(
      `Epoch ${report.epoch + 1}, training: loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)}`,
    );
    display.line(`Epoch ${report.epoch + 1}, validation: ${evaluationLine(report.validation)}`);
    folder.addEpoch(report);
    await folder.save(checkpoint, evaluation);
    await folder.addSession(session(progress.step));
    await draw();
  };
  const onDeviceLost = ({ error, reached, step }: RecoveryReport) => {
    display.line(`After step ${reached}: ${error.message}`);
    display.line(`The device was opened again: going on after step ${step}.`);
  };
  try {
    const result = await fit({
      ...fitted,
      signal: interrupt.signal,
      onStep,
      onValidation,
      onEpoch,
      onFailedValidation: save,
      onDeviceLost,
    });
    if (result.reason === 'max-steps' || result.reason === 'aborted') await save(result.progress);
    // Where all was done before, there was no session.
    if (result.progress !== start) await folder.addSession(session(result.progress.step));
    await draw();
    if (withoutPng) warn(`No loss.png: ${withoutPng}`);
    // One that comes when all is done interrupts nothing.
    if (result.reason === 'aborted') process.exitCode = interrupt.exitCode;
    return result;
  } finally {
    display.stop();
  }
}

/** Begins to take the time; what it gives tells of the session up to a step. */
function beginSession({ info }: Device, fromStep: number): (toStep: number) => TrainingSession {
  const began = performance.now();
  const about = { adapter: info.name, version: VERSION, runtime: runtimeName() };
  const started = new Date().toISOString();
  return (toStep) => ({
    started,
    seconds: Math.round(performance.now() - began) / 1000,
    ...{ fromStep, toStep },
    ...about,
  });
}
