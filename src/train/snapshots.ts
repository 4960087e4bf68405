/**
 * @file What a training can go back to when its device is lost, kept on the host: the memory of the device, and what modules and
 * optimizers count beside it.
 *
 * A snapshot is taken between two steps, and read while the next ones run. How often: what one costs is measured where nothing
 * else is under way, and the next one has to wait until it is a hundredth of the time.
 */

import type { MemorySnapshot } from '../device/memory-snapshot.ts';
import { FoveaError } from '../errors.ts';
import { membersOf } from '../nn/members.ts';
import type { Module } from '../nn/module.ts';
import { Parameter } from '../nn/parameter.ts';
import type { ExponentialMovingAverage } from '../optim/exponential-moving-average.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { Random } from '../random.ts';
import { generatorOf } from '../tensor/generator.ts';

/** The share of the time that snapshots may take, by what one costs alone. */
export const SHARE = 0.01;

/** What changes as steps are done. */
export interface Trained {
  readonly model: Module;
  readonly optimizer: Optimizer;
  readonly average?: ExponentialMovingAverage | undefined;
}

/** A point of a training, `progress`, and what was there. */
export interface Snapshot<P> {
  readonly progress: P;
  readonly memory: MemorySnapshot;
  /** Takes back what is on the host. */
  readonly rewind: () => void;
}

/** Takes the snapshots of a training; its device is that of the model. */
export class Snapshots<P extends { readonly step: number }> {
  readonly #trained: Trained;
  readonly #every: number | undefined;
  #newest: Snapshot<P> | undefined;
  /** Stands for the one that is being read. */
  #reading: object | undefined;
  /** Milliseconds. */
  #cost = 0;
  #lastStep = 0;
  #lastTime = 0;
  #warned = false;

  /** @param every steps between two; by default as many as the cost asks for */
  constructor(trained: Trained, every: number | undefined) {
    this.#trained = trained;
    this.#every = every;
  }

  /** The last one that is whole, if there is one. */
  get newest(): Snapshot<P> | undefined {
    return this.#newest;
  }

  /** Takes one of now, where the training stands at `progress`, and waits for it. */
  async take(progress: P): Promise<void> {
    this.forgetUnread();
    await this.#trained.model.device.finished();
    const start = performance.now();
    const rewind = bookmark(this.#trained);
    const memory = await this.#copyMemory();
    this.#newest = memory && { progress, memory, rewind };
    this.#cost = performance.now() - start;
    this.#note(progress.step);
  }

  /**
   * Begins one of now, after `step`, where it is time for it. What it returns is to be told where the training stood, as soon as that
   * is known.
   */
  takeWhenDue(step: number): ((progress: P) => void) | undefined {
    if (this.#reading || !this.#isDue(step)) return undefined;
    const reading = {};
    this.#reading = reading;
    this.#note(step);
    const rewind = bookmark(this.#trained);
    let tell!: (progress: P) => void;
    const told = new Promise<P>((resolve) => {
      tell = resolve;
    });
    const keep = async () => {
      const memory = await this.#copyMemory();
      const progress = await told;
      if (this.#reading !== reading) return;
      if (memory) this.#newest = { progress, memory, rewind };
      this.#reading = undefined;
    };
    keep().catch(() => {}); // The device is lost: every other call of it throws that.
    return tell;
  }

  /** Forgets the one that is being read: what it was to be told of will not come. */
  forgetUnread(): void {
    this.#reading = undefined;
  }

  #isDue(step: number): boolean {
    if (this.#every !== undefined) return step - this.#lastStep >= this.#every;
    return (performance.now() - this.#lastTime) * SHARE >= this.#cost;
  }

  #note(step: number): void {
    this.#lastStep = step;
    this.#lastTime = performance.now();
  }

  /** Undefined, and said once, where there is no room for it. */
  async #copyMemory(): Promise<MemorySnapshot | undefined> {
    const { model, optimizer } = this.#trained;
    try {
      return await model.device.snapshot({ except: optimizer.scratch });
    } catch (error) {
      if (error instanceof FoveaError && error.code === 'device-lost') throw error;
      if (!this.#warned) {
        const older = this.#newest ? `would go on after step ${this.#newest.progress.step}` : 'would end';
        model.device.onWarning(
          `fit() could not keep a snapshot, so that if the device were lost the training ${older}: ${(error as Error).message}`,
        );
      }
      this.#warned = true;
      return undefined;
    }
  }
}

/** Notes what is on the host; what it returns takes that back. */
function bookmark({ model, optimizer, average }: Trained): () => void {
  const states = generatorsOf(model).map((generator) => [generator, generator.state] as const);
  const [rewindOptimizer, rewindAverage] = [optimizer.bookmark(), average?.bookmark()];
  return () => {
    for (const [generator, state] of states) generator.restore(state);
    rewindOptimizer();
    rewindAverage?.();
  };
}

/** What a model draws from: its device's generator, and those of its layers. */
function generatorsOf(model: Module): Random[] {
  const members = model.namedModules().flatMap(([, module]) => [...membersOf(module)]);
  const own = members.flatMap(([, member]) => (member instanceof Random ? [member] : []));
  return [...new Set([generatorOf(model.device), ...own])];
}

/** A text that is another one when a weight was written to, frozen or unfrozen, or a random number drawn. */
export function fingerprintOf({ model }: Trained): string {
  const state = model.namedState().map(([, member]) => {
    return [member.tensor.version, member instanceof Parameter && member.requiresGrad];
  });
  return JSON.stringify([state, generatorsOf(model).map((generator) => generator.state)]);
}
