/**
 * @file Batches whose steps are timed.
 */

import type { Batch, BatchSource } from 'fovea';

/** How long a step took. */
export interface StepTime {
  /** From asking for its batch to asking for the next one. */
  readonly seconds: number;
  /** How much of that was waiting for the batch to be decoded. */
  readonly waited: number;
  /** Photographs of its batch. */
  readonly samples: number;
}

/** Gives the batches of another source, and tells `onStep` how long each was in use. */
export class MeasuredSource implements BatchSource {
  readonly #source: BatchSource;
  readonly #onStep: (time: StepTime) => void;

  constructor(source: BatchSource, onStep: (time: StepTime) => void) {
    this.#source = source;
    this.#onStep = onStep;
  }

  /** Batches per epoch. */
  get length(): number {
    return this.#source.length;
  }

  /** The batches of an epoch. */
  async *epoch(epoch: number, options?: { skip?: number }): AsyncGenerator<Batch, void, void> {
    let asked = performance.now();
    for await (const batch of this.#source.epoch(epoch, options)) {
      const given = performance.now();
      yield batch;
      const done = performance.now();
      this.#onStep({
        seconds: (done - asked) / 1000,
        waited: (given - asked) / 1000,
        samples: batch.names.length,
      });
      asked = done;
    }
  }
}
