/**
 * @file The task `estimate`: what a training will take, before one starts: memory by a dry run, time by the first steps.
 */

import { type Batch, prepareStep, trainStep } from 'fovea';
import { Failed } from '../engine/failure.ts';
import type { Task } from '../engine/protocol.ts';
import type { TrainSettings } from './settings.ts';
import { TrainingSession } from './training-session.ts';

/** What is known so far. */
export interface Estimate {
  /** Memory of the device in bytes. */
  readonly memory: number;
  /** Seconds that a step takes; unknown before the first steps. */
  readonly secondsPerStep?: number | undefined;
}

/** Steps that are timed, after one that is not. */
const STEPS = 2;

/** Does some steps of a training that is then thrown away. Tells of the memory as soon as that is known. */
export const run: Task<TrainSettings, Estimate, Estimate> = async (settings, { engine, report }) => {
  const device = await engine.device();
  const data = engine.dataNow();
  device.trim();
  const held = () => device.statistics.bytesInUse + device.statistics.bytesIdle;
  const before = held();
  const session = await TrainingSession.open(device, data, settings);
  try {
    const batch = await firstBatch(session);
    const { model, optimizer, average } = session;
    await prepareStep(model, optimizer, batch, { average });
    report({ memory: held() - before });
    const step = async () => {
      const found = trainStep(model, optimizer, batch);
      await device.finished();
      found.loss.dispose();
      found.accuracy.dispose();
    };
    await step();
    const start = performance.now();
    for (let i = 0; i < STEPS; i++) await step();
    const secondsPerStep = (performance.now() - start) / 1000 / STEPS;
    return { memory: held() - before, secondsPerStep };
  } finally {
    await session.dispose();
  }
};

async function firstBatch({ training }: TrainingSession): Promise<Batch> {
  for await (const batch of training.epoch(0)) return batch;
  throw new Failed('allDamaged', 'None of the photographs can be read.');
}
