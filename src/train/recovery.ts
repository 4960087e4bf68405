/**
 * @file A training whose device is lost continues: the device is opened again, memory and counts are set back to the last snapshot,
 * and the steps since are done again, with the same batches and the same numbers.
 */

import { isObject, type StopSignal } from '../arguments.ts';
import { FoveaError } from '../errors.ts';
import type { AnyFitOptions } from './fit-options.ts';
import { fingerprintOf, type Snapshot, Snapshots } from './snapshots.ts';

/**
 * Milliseconds before each attempt to open a device again: a driver that was reset takes its time, and Chrome has no adapter for a
 * page for two minutes after a second crash of its GPU process.
 */
const PAUSES = [0, 100, 500, 2000, 5000, 10_000, 30_000, 60_000, 60_000];

/** How long a pause may last longer than it is wanted, in milliseconds. */
const LOOK_EVERY = 250;

/** Losses in a row that are survived by default. */
const MOST = 3;

/** Where a training stands, as far as it matters here. */
interface Position {
  readonly step: number;
  readonly epoch: number;
}

/** Runs a training, and again from a snapshot whenever its device is lost. */
export class Recovery<P extends Position> {
  readonly #run: AnyFitOptions;
  readonly #snapshots: Snapshots<P>;
  readonly #start: P;
  readonly #most: number;
  /** What was reported: the last step, and the epochs. */
  readonly #reported: { step: number; epoch: number };
  /** What had been reported by the last loss. */
  #reportedByLoss: Position | undefined;
  #lossesInRow = 0;

  constructor(run: AnyFitOptions, start: P) {
    const { every, most = MOST } = isObject(run.recover) ? run.recover : {};
    this.#run = run;
    this.#snapshots = new Snapshots(run, every);
    this.#start = start;
    this.#most = most;
    this.#reported = { step: start.step, epoch: start.epoch };
  }

  /** What `train` comes to, from the start, or after a loss from where the last snapshot was taken. */
  async run<T>(train: (from: P) => Promise<T>): Promise<T> {
    let from = this.#start;
    for (;;) {
      try {
        if (!this.#snapshots.newest) await this.#snapshots.take(from);
        return await train(from);
      } catch (error) {
        from = (await this.#recover(error)).progress;
      }
    }
  }

  /** Begins a snapshot, see {@link Snapshots.takeWhenDue}. */
  takeWhenDue(step: number): ((progress: P) => void) | undefined {
    return this.#snapshots.takeWhenDue(step);
  }

  /** Whether `step` was reported before; it is from now on. */
  isDoneAgain(step: number): boolean {
    if (step <= this.#reported.step) return true;
    this.#reported.step = step;
    return false;
  }

  /**
   * Calls `report` when the epoch before `progress` is done for the first time. What that changes of the model would not be changed
   * again as steps before it are done again: such a change asks for a snapshot.
   */
  async afterEpoch(progress: P, report: () => unknown): Promise<void> {
    if (progress.epoch <= this.#reported.epoch) return;
    const before = fingerprintOf(this.#run);
    await report();
    if (fingerprintOf(this.#run) !== before) await this.#snapshots.take(progress);
    this.#reported.epoch = progress.epoch;
  }

  /** Sets all back to a snapshot; throws where that cannot be, or is of no use. */
  async #recover(error: unknown): Promise<Snapshot<P>> {
    const { device } = this.#run.model;
    const snapshot = this.#snapshots.newest;
    const isLoss = error instanceof FoveaError && error.code === 'device-lost' && device.isLost;
    if (!isLoss || !snapshot) throw error;
    this.#snapshots.forgetUnread();
    this.#count();
    await this.#reopen(snapshot, error);
    snapshot.rewind();
    const { step } = snapshot.progress;
    const reached = this.#reported.step;
    if (this.#lossesInRow > this.#most) {
      throw new FoveaError(
        'device-lost',
        `the device was lost ${this.#lossesInRow} times in a row, each time before step ${reached + 1} was done. A system resets a GPU ` +
          `that takes too long, which a smaller batch prevents. The model is as it was after step ${step} (${error.message})`,
        { cause: error },
      );
    }
    try {
      await this.#run.onDeviceLost?.({ error, reached, step });
    } catch (next) {
      return this.#recover(next);
    }
    return snapshot;
  }

  #count(): void {
    const { step, epoch } = this.#reported;
    const last = this.#reportedByLoss;
    const isNew = !last || step > last.step || epoch > last.epoch;
    this.#lossesInRow = isNew ? 1 : this.#lossesInRow + 1;
    this.#reportedByLoss = { step, epoch };
  }

  async #reopen({ memory }: Snapshot<P>, loss: FoveaError): Promise<void> {
    const { model, signal } = this.#run;
    let last: unknown;
    for (const pause of PAUSES) {
      await rest(pause, signal);
      if (last && signal?.aborted) break;
      try {
        return await model.device.reopen(memory);
      } catch (error) {
        if (!model.device.isLost) throw error;
        last = error;
      }
    }
    throw new FoveaError(
      'device-lost',
      `${loss.message}. It could not be opened again: ${(last as Error).message}. Resume from the last checkpoint`,
      { cause: last },
    );
  }
}

/** Waits for so many milliseconds, or until a signal is given. */
async function rest(milliseconds: number, signal: StopSignal | undefined): Promise<void> {
  for (let rested = 0; rested < milliseconds && !signal?.aborted; rested += LOOK_EVERY)
    await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK_EVERY, milliseconds - rested)));
}
