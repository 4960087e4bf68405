/**
 * @file A model that answers for as long as its device can be had: one that is lost is opened again.
 */

import { noGrad } from '../autograd/graph.ts';
import type { Device } from '../device/device.ts';
import type { MemorySnapshot } from '../device/memory-snapshot.ts';
import { FoveaError, messageOf } from '../errors.ts';
import type { Module } from '../nn/module.ts';
import { zeros } from '../tensor/create.ts';
import { scope } from '../tensor/scope.ts';
import { classify, type Finding, type Job, type ServedConfig } from './classifier.ts';

/** Milliseconds before each attempt to open a device again. */
const PAUSES = [0, 100, 500, 2000, 5000, 10_000, 30_000];

/** What is told of a served model's device. */
export interface DeviceEvents {
  /** The device was lost; it is being opened again. */
  onLost(): void;
  /** It is open again. */
  onReopened(): void;
  /** It failed otherwise, or cannot be opened again: nothing will be answered any more. */
  onGone(error: FoveaError): void;
}

/** A model in evaluation mode with its weights on the host too. */
export class ServedModel {
  readonly #model: Module;
  readonly #config: ServedConfig;
  readonly #memory: MemorySnapshot;
  readonly #events: DeviceEvents;
  /** Whether the device failed; false again once it is open again. */
  #hasFailed = false;

  private constructor(model: Module, config: ServedConfig, memory: MemorySnapshot, events: DeviceEvents) {
    this.#model = model;
    this.#config = config;
    this.#memory = memory;
    this.#events = events;
  }

  /** Compiles what the model runs, for batches of one and of `maxBatch`, and copies its weights to the host. */
  static async prepare(
    model: Module,
    config: ServedConfig,
    maxBatch: number,
    events: DeviceEvents,
  ): Promise<ServedModel> {
    const { device } = model;
    const { size } = config;
    model.eval();
    const rehearse = (images: number) => {
      scope(device, () => void noGrad(device, () => model(zeros(device, [images, 3, size, size]))));
    };
    await device.prepare(() => {
      rehearse(1);
      rehearse(maxBatch);
    });
    return new ServedModel(model, config, await device.snapshot(), events);
  }

  /** The findings for images that are computed together. Throws what the device failed with, 'device-lost' while it is lost. */
  async classify(jobs: readonly Job[]): Promise<Finding[]> {
    try {
      return await classify(this.#model, this.#config, jobs);
    } catch (error) {
      const failure = await failureOf(this.#model.device);
      if (!failure) throw error;
      this.#recover(failure);
      throw failure;
    }
  }

  /** Has a device that was lost opened again; one that failed otherwise is gone. */
  #recover(failure: FoveaError): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const { device } = this.#model;
    if (device.isLost) void this.#reopen(device);
    else this.#events.onGone(failure);
  }

  async #reopen(device: Device): Promise<void> {
    this.#events.onLost();
    let last: unknown;
    for (const pause of PAUSES) {
      await new Promise((resolve) => setTimeout(resolve, pause).unref());
      try {
        await device.reopen(this.#memory);
        this.#hasFailed = false;
        return this.#events.onReopened();
      } catch (error) {
        last = error;
        if (!device.isLost) break; // it was destroyed
      }
    }
    const message = `the device was lost and cannot be opened again: ${messageOf(last)}`;
    this.#events.onGone(new FoveaError('device-lost', message, { cause: last }));
  }
}

/** What `device` failed with; undefined where it goes on computing. */
async function failureOf(device: Device): Promise<FoveaError | undefined> {
  await device.finished().catch(() => {}); // what is told once, of a kernel that does not compile
  return device.finished().then(
    () => undefined,
    (error: FoveaError) => error,
  );
}
