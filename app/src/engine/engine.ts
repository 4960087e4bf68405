/**
 * @file What the engine keeps between tasks.
 */

import { createDevice, type Device } from 'fovea';
import type { DataSet } from '../data/data-set.ts';
import type { TrainingSession } from '../train/training-session.ts';
import { Failed } from './failure.ts';

/** Milliseconds before each attempt to open another device. */
const PAUSES = [0, 500, 2000, 5000, 10_000, 30_000, 60_000];

/** The device, and what tasks hand to later ones. */
export class Engine {
  /** What task `readData` found. */
  data: DataSet | undefined;
  /** The training that was begun or resumed last, and its model. */
  training: TrainingSession | undefined;
  #device: Promise<Device> | undefined;

  /** The one device of the page, opened when it is first asked for; asked for again after a failure. */
  device(): Promise<Device> {
    this.#device ??= createDevice().catch((error: unknown) => {
      this.#device = undefined;
      throw error;
    });
    return this.#device;
  }

  /** Another device, after the one before was lost. A driver that was reset takes its time. */
  async anotherDevice(): Promise<Device> {
    (await this.#device)?.destroy();
    this.#device = undefined;
    for (const pause of PAUSES) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      const device = await this.device().catch(() => undefined);
      if (device) return device;
    }
    return this.device();
  }

  /** The data, where there must be some. */
  dataNow(): DataSet {
    if (!this.data) throw new Failed('noData', 'No data was read.');
    return this.data;
  }

  /** The training, where there must be one. */
  trainingNow(): TrainingSession {
    if (!this.training) throw new Failed('noTraining', 'No training was begun.');
    return this.training;
  }
}
