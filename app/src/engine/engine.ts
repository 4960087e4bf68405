/**
 * @file What the engine keeps between tasks.
 */

import { createDevice, type Device } from 'fovea';
import type { DataSet } from '../data/data-set.ts';
import type { TrainingSession } from '../train/training-session.ts';

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

  /** The data, where there must be some. */
  dataNow(): DataSet {
    if (!this.data) throw new Error('There are no photographs: choose some on the page Data.');
    return this.data;
  }

  /** The training, where there must be one. */
  trainingNow(): TrainingSession {
    if (!this.training) throw new Error('There is no training: begin one on the page Train.');
    return this.training;
  }
}
