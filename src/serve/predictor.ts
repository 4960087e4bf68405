/**
 * @file From uploads to findings: decoded by workers, gathered into batches, computed.
 */

import { counted } from '../counted.ts';
import { readImageHeader } from '../data/image-header.ts';
import { DecodePool } from '../data/node/worker-pool.ts';
import { FoveaError } from '../errors.ts';
import { Batcher } from './batcher.ts';
import type { Finding, Job, ServedConfig } from './classifier.ts';
import type { ServerLimits } from './limits.ts';
import { accept, Refusal } from './refusal.ts';
import type { Upload } from './uploads.ts';

/** Decodes and classifies uploads, so many at a time as the limits allow. */
export class Predictor {
  readonly #config: ServedConfig;
  readonly #limits: ServerLimits;
  readonly #pool: DecodePool;
  readonly #batcher: Batcher<Job, Finding>;
  #inFlight = 0;

  /** `classify` computes a batch. */
  constructor(
    config: ServedConfig,
    limits: ServerLimits,
    classify: (jobs: readonly Job[]) => Promise<readonly Finding[]>,
    workers?: number,
  ) {
    this.#config = config;
    this.#limits = limits;
    this.#pool = new DecodePool(workers, DECODE_SECONDS);
    this.#batcher = new Batcher(classify, limits);
  }

  /** Images that are decoded, wait or are computed now. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** The findings for all uploads of a request. Throws a {@link Refusal} where one cannot be decoded, or there are too many. */
  async findings(uploads: readonly Upload[], explain: boolean): Promise<Finding[]> {
    const { maxQueue } = this.#limits;
    accept(
      this.#inFlight + uploads.length <= maxQueue,
      429,
      () => `More than ${counted(maxQueue, 'image is', 'images are')} waiting.`,
    );
    this.#inFlight += uploads.length;
    try {
      for (const upload of uploads) this.#checkHeader(upload);
      // All are decoded before one of them takes a place in a batch: one that is damaged refuses the request.
      const pixels = await allSettled(uploads.map((upload) => this.#decode(upload)));
      return await allSettled(pixels.map((image) => this.#batcher.add({ pixels: image, explain })));
    } finally {
      this.#inFlight -= uploads.length;
    }
  }

  /** Ends the decoding threads. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  /** Refuses what is no image, or too large a one, before a worker is asked. */
  #checkHeader({ name, bytes }: Upload): void {
    try {
      readImageHeader(bytes, this.#limits.maxPixels);
    } catch (error) {
      throw refusalOf(name, error);
    }
  }

  async #decode({ name, bytes }: Upload): Promise<Uint8Array> {
    const { size, channelOrder: order } = this.#config;
    const source = { bytes: bytes.length, read: async () => bytes };
    try {
      return await this.#pool.decode({ path: name, source, size, order, maxPixels: this.#limits.maxPixels });
    } catch (error) {
      throw refusalOf(name, error);
    }
  }
}

/**
 * The results of all, when the last is there. Throws what the first one that failed threw, but no sooner: the others still take
 * memory and threads.
 */
async function allSettled<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

/** How long an image may take: whoever waits longer has gone. */
const DECODE_SECONDS = 60;

/** 422 for an image that is at fault; other errors as they are. */
function refusalOf(name: string, error: unknown): unknown {
  if (!(error instanceof FoveaError) || error.code !== 'bad-file') return error;
  return new Refusal(422, error.message.includes(name) ? error.message : `${name}: ${error.message}`);
}
