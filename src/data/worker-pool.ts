/**
 * @file Worker threads that decode images (Node).
 */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { check, FoveaError } from '../errors.ts';
import type { DecodeReply, DecodeRequest } from './decode-worker.ts';

const MAX_DEFAULT_WORKERS = 4;

interface Task {
  readonly request: DecodeRequest;
  readonly resolve: (pixels: Uint8Array) => void;
  readonly reject: (error: FoveaError) => void;
}

/**
 * Up to `workers` threads, started as they are needed, that decode images first come, first served. The
 * process stays alive while images are being decoded, and ends in spite of idle workers.
 */
export class DecodePool {
  readonly #limit: number;
  #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Task>();
  readonly #queue: Task[] = [];
  #closed = false;

  /** @param workers how many threads at most; by default one a processor, at most 4 */
  constructor(workers = Math.min(availableParallelism(), MAX_DEFAULT_WORKERS)) {
    check(Number.isInteger(workers) && workers > 0, 'invalid-argument', () => {
      return `A pool cannot have ${workers} workers: give a positive integer.`;
    });
    this.#limit = workers;
  }

  /**
   * The image at `request.path`, decoded and scaled: `[size, size, 3]` pixels.
   *
   * @throws FoveaError 'bad-file' if the file cannot be read or decoded, 'unsupported' if the worker itself
   * broke down, 'disposed' if the pool is or gets closed; the message names the file
   */
  decode(request: DecodeRequest): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const task = { request, resolve, reject };
      if (this.#closed) return reject(closedError(task));
      this.#queue.push(task);
      this.#assign();
    });
  }

  /** Ends the workers. Images that are still being decoded, or wait for it, are rejected as 'disposed'. */
  async close(): Promise<void> {
    this.#closed = true;
    const workers = [...this.#idle, ...this.#busy.keys()];
    const tasks = [...this.#busy.values(), ...this.#queue.splice(0)];
    this.#idle = [];
    this.#busy.clear();
    for (const task of tasks) task.reject(closedError(task));
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  /** Gives waiting tasks to idle workers, and starts workers as far as the limit allows. */
  #assign(): void {
    while (this.#queue.length > 0) {
      const worker = this.#idle.pop() ?? (this.#busy.size < this.#limit ? this.#start() : undefined);
      if (!worker) return;
      const task = this.#queue.shift()!;
      this.#busy.set(worker, task);
      worker.ref();
      worker.postMessage(task.request);
    }
  }

  #start(): Worker {
    const worker = startWorker();
    let breakdown = 'it ended early';
    worker.on('message', (reply: DecodeReply) => this.#finish(worker, reply));
    worker.on('error', (error) => {
      breakdown = error.message;
    });
    worker.on('exit', () => this.#giveUp(worker, breakdown));
    return worker;
  }

  #finish(worker: Worker, reply: DecodeReply): void {
    const task = this.#busy.get(worker);
    if (!task) return; // closed meanwhile
    this.#busy.delete(worker);
    worker.unref();
    this.#idle.push(worker);
    this.#assign();
    if ('pixels' in reply) task.resolve(reply.pixels);
    else task.reject(new FoveaError('bad-file', `Cannot read ${task.request.path}. ${reply.reason}`));
  }

  /** After a worker broke down: its task fails, the others go on with the other workers or a new one. */
  #giveUp(worker: Worker, breakdown: string): void {
    this.#idle = this.#idle.filter((other) => other !== worker);
    const task = this.#busy.get(worker);
    if (!task) return; // it was idle, or the pool was closed
    this.#busy.delete(worker);
    this.#assign();
    const message = `The worker that decoded ${task.request.path} broke down: ${breakdown}.`;
    task.reject(new FoveaError('unsupported', message));
  }
}

/** A worker beside this file: in the built package a bundle of its own. */
function startWorker(): Worker {
  if (import.meta.url.endsWith('.ts')) return startSourceWorker();
  return new Worker(new URL('./decode-worker.js', import.meta.url), { execArgv: [] });
}

/**
 * For development: a worker that runs the TypeScript source. tsx is registered by hand, as workers ignore
 * `--import tsx` (privatenumber/tsx#354); it is looked up from the working directory.
 */
function startSourceWorker(): Worker {
  const entry = JSON.stringify(new URL('./decode-worker.ts', import.meta.url).href);
  const code = `import('tsx/esm/api').then(({ register }) => { register(); return import(${entry}); })`;
  return new Worker(code, { eval: true, execArgv: [] });
}

function closedError({ request }: Task): FoveaError {
  return new FoveaError('disposed', `The pool was closed before ${request.path} was decoded.`);
}
