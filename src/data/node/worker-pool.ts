/**
 * @file Worker threads that decode images (Node).
 */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { DecodeReply } from '../decoding/messages.ts';
import type { DecodeThread, ThreadEvents } from '../decoding/thread.ts';
import { ThreadPool } from '../decoding/thread-pool.ts';
import type { DiskDecodeRequest } from './decode-worker.ts';
import { DECODE_WORKER_CODE } from './decode-worker-code.ts';
import type { PixelCache } from './disk-cache.ts';

/** Each takes 50 MB, and as much again for a photograph of 4 megapixels. */
const MAX_DEFAULT_WORKERS = 16;

/** How many threads a pool has by default: one per processor, but no more than 16. */
export const defaultWorkers = (): number => Math.min(availableParallelism(), MAX_DEFAULT_WORKERS);

/** How a {@link DecodePool} comes by pixels. */
export interface DecodePoolOptions {
  /** Where sharp lies that is to decode; by default our own decoder does. */
  readonly sharp?: string | undefined;
  /** Where pixels are looked for first, and kept. */
  readonly cache?: PixelCache | undefined;
}

/** A pool of worker threads. */
export class DecodePool extends ThreadPool<Pick<DiskDecodeRequest, 'sharp' | 'cache'>> {
  /**
   * @param workers how many threads at most, by default {@link defaultWorkers}
   * @param maxSeconds how long an image may take, 300 by default
   */
  constructor(workers = defaultWorkers(), maxSeconds?: number, { sharp, cache }: DecodePoolOptions = {}) {
    super({
      ...{ workers, maxSeconds, cache },
      start: startThread,
      extras: () => ({ sharp, cache: cache?.folder }),
      // Messages are received before setImmediate.
      afterReplies: (callback) => void setImmediate(callback),
    });
  }
}

function startThread({ onReply, onEnd }: ThreadEvents): DecodeThread {
  const worker = startWorker();
  let breakdown = 'it ended early';
  worker.on('message', (reply: DecodeReply) => onReply(reply));
  worker.on('error', (error) => {
    breakdown = error.message;
  });
  worker.on('exit', () => onEnd(breakdown));
  return {
    post: (message, transferred) => worker.postMessage(message, transferred),
    hold: () => worker.ref(),
    release: () => worker.unref(),
    end: () => worker.terminate(),
  };
}

/** A worker that runs a text, not a file beside this one: a program that was bundled has no such file. */
function startWorker(): Worker {
  return new Worker(DECODE_WORKER_CODE ?? sourceWorkerCode(), { eval: true, execArgv: [] });
}

/**
 * For development: runs the worker's TypeScript source. tsx is registered by hand, as workers ignore `--import tsx`
 * (privatenumber/tsx#354); it is looked up from the working directory.
 */
function sourceWorkerCode(): string {
  const entry = JSON.stringify(new URL('./decode-worker.ts', import.meta.url).href);
  return `import('tsx/esm/api').then(({ register }) => { register(); return import(${entry}); })`;
}
