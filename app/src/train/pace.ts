/**
 * @file The pace of a training: what its steps report is gathered for the page, and how long they take is watched.
 */

import type { Device, StepReport } from 'fovea';
import type { Job } from '../engine/protocol.ts';
import { MeasuredSource, type StepTime } from './measured-source.ts';
import type { TrainingEvent } from './run-training.ts';
import { SlowSteps } from './slow-steps.ts';
import { addSteps, type StepPoint } from './step-curve.ts';
import type { TrainingSession } from './training-session.ts';

/** Milliseconds between two messages to the page. */
const TELL_EVERY = 200;
/** Steps by which the pace is told. */
const RATE_STEPS = 10;

/** Gathers what steps report, and watches how long they take. */
export class Pace {
  /** The session's photographs, whose steps are timed. */
  readonly source: MeasuredSource;
  readonly #job: Job<TrainingEvent>;
  readonly #session: TrainingSession;
  readonly #device: Device;
  readonly #slow = new SlowSteps();
  /** Whether the device was opened again during the step under way. */
  #reopened = false;
  /** Steps that are done. */
  #step: number;
  #compiled: number;
  #points: StepPoint[] = [];
  #told = 0;
  /** When the last step had been asked for. */
  #stepped: number | undefined;
  /** The last steps, by which the pace is told. */
  #times: readonly StepTime[] = [];

  constructor(session: TrainingSession, job: Job<TrainingEvent>) {
    this.#job = job;
    this.#session = session;
    this.#device = session.device;
    this.#step = session.progress?.step ?? 0;
    this.#compiled = this.#device.statistics.pipelinesCreated;
    this.source = new MeasuredSource(session.training, (time) => {
      this.#times = [...this.#times, time].slice(-RATE_STEPS);
      this.#stepped = performance.now();
      const { pipelinesCreated } = this.#device.statistics;
      const compiled = pipelinesCreated - this.#compiled;
      this.#compiled = pipelinesCreated;
      const slow = this.#slow.add(++this.#step, time, { compiled, reopened: this.#reopened });
      this.#reopened = false;
      if (slow) job.report({ kind: 'slow', slow });
    });
  }

  /** The device was opened again: steps go on after `step`. */
  reopen(step: number): void {
    this.#step = step;
    this.#reopened = true;
  }

  /** Seconds since the last step ended: what a validation took, when it has. */
  get secondsSinceStep(): number | undefined {
    return this.#stepped === undefined ? undefined : (performance.now() - this.#stepped) / 1000;
  }

  /** Takes what a step reports. */
  addReport(report: StepReport): void {
    this.#points.push(report);
    if (performance.now() - this.#told >= TELL_EVERY) this.tell();
  }

  /** Tells the page what was gathered, and adds it to the session's curve. */
  tell(): void {
    const steps = this.#points;
    if (steps.length === 0) return;
    this.#points = [];
    this.#session.curve = addSteps(this.#session.curve, steps);
    this.#told = performance.now();
    const { bytesInUse, bytesIdle } = this.#device.statistics;
    this.#job.report({ kind: 'steps', steps, rate: this.#rate(), memory: bytesInUse + bytesIdle });
  }

  #rate(): number | undefined {
    const seconds = this.#times.reduce((sum, time) => sum + time.seconds, 0);
    return seconds > 0 ? this.#times.reduce((sum, time) => sum + time.samples, 0) / seconds : undefined;
  }
}
