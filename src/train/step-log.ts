/**
 * @file Keeps the results of training steps on the device and reads them now and then.
 *
 * Reading after every step would make the device wait for the host. Each step's loss and metrics are copied
 * into a slot; the slots are read, in one copy, when a fifth of a second has passed or all are full: after every
 * step where steps are slow, after every tenth where they are fast.
 */

import type { BufferSlice } from '../device/buffer-pool.ts';
import type { Device } from '../device/device.ts';
import type { StepResult } from './step.ts';

const SLOTS = 10;
/** WebGPU's alignment of what is bound; more than copies need. */
const VALUE_STRIDE = 256;
const VALUE_BYTES = 16;
const READ_INTERVAL_MS = 200;

/** What was read of a step: its loss, and its metrics by name. */
export type StepValues<Name extends string = 'accuracy'> = Readonly<Record<'loss' | Name, number>>;

/** The results of the last steps, each with a note of type `Note` that is handed out with its values. */
export class StepLog<Note> {
  readonly #device: Device;
  /** Of the values per step. */
  readonly #names: readonly string[];
  readonly #onRead: (note: Note, values: StepValues<string>) => void;
  readonly #memory: BufferSlice;
  #unread: Note[] = [];
  #lastRead = performance.now();
  /** Done when the step before the last is. */
  #previous: Promise<void> = Promise.resolve();

  /**
   * @param metrics the names of the metrics that steps have beside their loss
   * @param onRead called for every step, in order, some steps later
   */
  constructor(
    device: Device,
    metrics: readonly string[],
    onRead: (note: Note, values: StepValues<string>) => void,
  ) {
    this.#device = device;
    this.#names = ['loss', ...metrics];
    this.#onRead = onRead;
    this.#memory = device.allocate(SLOTS * this.#names.length * VALUE_STRIDE);
  }

  /**
   * Takes over what a step found, and disposes it. Resolves when the step before is done on the device, so that
   * never more than two are under way.
   */
  async add(note: Note, result: StepResult<string>): Promise<void> {
    const slot = this.#unread.push(note) - 1;
    try {
      this.#names.forEach((name, i) => {
        this.#device.copy(result[name]!.slice, this.#slice(slot, i));
      });
    } finally {
      for (const name of this.#names) result[name]!.dispose();
    }
    const isDue = slot + 1 === SLOTS || performance.now() - this.#lastRead >= READ_INTERVAL_MS;
    const done = isDue ? this.#read() : this.#device.finished();
    done.catch(() => {}); // whoever awaits it next gets the error
    const previous = this.#previous;
    this.#previous = done;
    await previous;
  }

  /** Waits for all steps and reads what was not read. */
  async drain(): Promise<void> {
    await this.#previous;
    await this.#read();
  }

  /** Gives the memory back. */
  dispose(): void {
    this.#device.free(this.#memory);
  }

  #slice(slot: number, index: number): BufferSlice {
    const offset = (slot * this.#names.length + index) * VALUE_STRIDE;
    return { buffer: this.#memory.buffer, offset, bytes: VALUE_BYTES };
  }

  async #read(): Promise<void> {
    const notes = this.#unread;
    if (notes.length === 0) return;
    this.#unread = [];
    this.#lastRead = performance.now();
    const contents = await this.#device.read(
      notes.flatMap((_, slot) => this.#names.map((_, index) => this.#slice(slot, index))),
    );
    const values = contents.map((bytes) => new Float32Array(bytes)[0]!);
    notes.forEach((note, slot) => {
      const entries = this.#names.map((name, i) => [name, values[slot * this.#names.length + i]!]);
      this.#onRead(note, Object.fromEntries(entries) as StepValues<string>);
    });
  }
}
