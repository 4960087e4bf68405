/**
 * @file Worker threads that decode images (Node).
 */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { BYTES, checkArgument, type Rule, whole } from '../arguments.ts';
import { check, FoveaError, messageOf } from '../errors.ts';
import type {
  DecodedPixels,
  DecodeMessage,
  DecodeReply,
  DecodeRequest,
  DecodeResult,
} from './decode-worker.ts';
import { DECODE_WORKER_CODE } from './decode-worker-code.ts';
import { type Extent, maxFileBytes } from './image-header.ts';
import type { PixelCache } from './pixel-cache/cache.ts';
import type { SampleSource } from './sample.ts';

/** Each takes 50 MB, and as much again for a photograph of 4 megapixels. */
const MAX_DEFAULT_WORKERS = 16;
/** How long reading and decoding an image may take: some hundred times what a slow processor needs. */
const MAX_SECONDS = 300;
const MAX_SECONDS_PER_MEGAPIXEL = 5;

/** How many threads a pool may have. */
export const WORKERS: Rule = whole(1);

/** How many threads a pool has by default: one per processor, but no more than 16. */
export const defaultWorkers = (): number => Math.min(availableParallelism(), MAX_DEFAULT_WORKERS);

/** How a {@link DecodePool} comes by pixels. */
export interface DecodePoolOptions {
  /** Where sharp lies that is to decode; by default our own decoder does. */
  readonly sharp?: string | undefined;
  /** Where pixels are looked for first, and kept. */
  readonly cache?: PixelCache | undefined;
}

/** An image to decode: the file at `path`, or what `source` gives, which `path` names in messages. */
export interface DecodeTask extends Omit<DecodeRequest, 'bytes' | 'sharp' | 'cache'> {
  readonly source?: SampleSource | undefined;
  /** Gets the size of the image before the decoding resolves or rejects, unless its header cannot be read. */
  readonly onExtent?: ((extent: Extent) => void) | undefined;
}

interface Task {
  readonly request: DecodeTask;
  readonly resolve: (pixels: Uint8Array) => void;
  readonly reject: (error: FoveaError) => void;
  /** Ends the worker that takes too long. */
  timer?: NodeJS.Timeout;
}

/**
 * Up to `workers` threads, started as they are needed, that decode images first come, first served; of images
 * of more than 25 megapixels one at a time, so that memory stays within that of two of the largest. The process
 * stays alive while images are being decoded, and ends in spite of idle workers. A worker that does not come to
 * an end is ended after `maxSeconds`, and 5 seconds more per megapixel of a large image.
 */
export class DecodePool {
  readonly #limit: number;
  readonly #maxSeconds: number;
  readonly #options: DecodePoolOptions;
  /** Workers with a large image; the first one decodes, the others wait. */
  readonly #large: { readonly worker: Worker; readonly proceed: () => void }[] = [];
  #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Task>();
  readonly #queue: Task[] = [];
  #closed = false;

  /**
   * @param workers how many threads at most, see {@link WORKERS}; by default {@link defaultWorkers}
   * @param maxSeconds how long an image may take, 300 by default
   */
  constructor(workers = defaultWorkers(), maxSeconds: number = MAX_SECONDS, options: DecodePoolOptions = {}) {
    this.#limit = workers;
    this.#maxSeconds = maxSeconds;
    this.#options = options;
  }

  /**
   * The image of `request`, decoded and scaled: `[size, size, 3]` pixels. A source is read when a worker is free.
   *
   * Throws 'bad-file' if the file cannot be read or decoded or takes too long, 'unsupported' if the
   * worker itself broke down, 'disposed' if the pool is or gets closed; the message names the file.
   */
  decode(request: DecodeTask): Promise<Uint8Array> {
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
    this.#large.length = 0;
    for (const task of tasks) {
      clearTimeout(task.timer);
      task.reject(closedError(task));
    }
    // Idle workers do not keep the process alive, but whoever waits for their end does.
    for (const worker of workers) worker.ref();
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
      void this.#send(worker, task);
      this.#limitTime(worker, task, this.#maxSeconds);
    }
  }

  /** Gives the worker its task, with the bytes where they are no file that it could read. */
  async #send(worker: Worker, { request: { source, onExtent: _, ...task } }: Task): Promise<void> {
    const { sharp, cache } = this.#options;
    const request = { ...task, sharp, cache: cache?.folder };
    if (!source) return tell(worker, request);
    try {
      const bytes = await readSource(source, maxFileBytes(request.maxPixels));
      tell(worker, { ...request, bytes }, [bytes.buffer as ArrayBuffer]);
    } catch (error) {
      const reason = messageOf(error);
      const isNamed = reason.includes(request.path);
      this.#receive(worker, {
        reason: isNamed ? reason : `Cannot read the image ${request.path}: ${reason}`,
      });
    }
  }

  #start(): Worker {
    const worker = startWorker();
    let breakdown = 'it ended early';
    worker.on('message', (reply: DecodeReply) => this.#receive(worker, reply));
    worker.on('error', (error) => {
      breakdown = error.message;
    });
    worker.on('exit', () => this.#giveUp(worker, breakdown));
    return worker;
  }

  #receive(worker: Worker, reply: DecodeReply): void {
    const task = this.#busy.get(worker);
    if (!task) return; // closed meanwhile
    if ('largeImage' in reply) this.#queueLarge(worker, task, reply.largeImage);
    else this.#finish(worker, task, reply);
  }

  #finish(worker: Worker, task: Task, reply: DecodeResult): void {
    const goesOn = !this.#release(worker, task);
    if (goesOn) {
      worker.unref();
      this.#idle.push(worker);
    }
    this.#assign();
    if (reply.extent) task.request.onExtent?.(reply.extent);
    if ('pixels' in reply) {
      this.#account(reply);
      task.resolve(reply.pixels);
    } else task.reject(new FoveaError('bad-file', reply.reason));
  }

  #account({ written, cacheFailure }: DecodedPixels): void {
    const { cache } = this.#options;
    if (written !== undefined) cache?.written(written);
    if (cacheFailure !== undefined) cache?.fail(cacheFailure);
  }

  /** Lets the worker decode its large image once no other does. */
  #queueLarge(worker: Worker, task: Task, pixels: number): void {
    clearTimeout(task.timer);
    const proceed = () => {
      tell(worker, 'proceed');
      this.#limitTime(worker, task, this.#maxSeconds + (MAX_SECONDS_PER_MEGAPIXEL * pixels) / 1e6);
    };
    this.#large.push({ worker, proceed });
    if (this.#large.length === 1) proceed();
  }

  /**
   * The worker's task is over, one way or the other. A worker that had a large image is ended, since an idle thread keeps its
   * garbage, and only then may the next one proceed. Returns whether it had one.
   */
  #release(worker: Worker, task: Task): boolean {
    clearTimeout(task.timer);
    this.#busy.delete(worker);
    const place = this.#large.findIndex((large) => large.worker === worker);
    if (place > 0) this.#large.splice(place, 1);
    if (place === 0) {
      void worker.terminate().then(() => {
        this.#large.shift();
        this.#large[0]?.proceed();
      });
    }
    return place >= 0;
  }

  /** After a worker broke down: its task fails, the others continue with the other workers or a new one. */
  #giveUp(worker: Worker, breakdown: string): void {
    this.#idle = this.#idle.filter((other) => other !== worker);
    const task = this.#busy.get(worker);
    if (!task) return; // it was idle, or the pool was closed
    this.#release(worker, task);
    this.#assign();
    const message = `The worker that decoded ${task.request.path} broke down: ${breakdown}.`;
    task.reject(new FoveaError('unsupported', message));
  }

  #limitTime(worker: Worker, task: Task, seconds: number): void {
    const isOver = () => this.#busy.get(worker) !== task;
    // After a pause of the whole process the reply may lie ready: it is received before setImmediate.
    const expire = () => setImmediate(() => isOver() || this.#end(worker, task, seconds));
    task.timer = setTimeout(expire, 1000 * seconds).unref();
  }

  #end(worker: Worker, task: Task, seconds: number): void {
    this.#release(worker, task);
    void worker.terminate();
    this.#assign();
    const message = `Cannot read the image ${task.request.path}: that took longer than ${seconds} seconds.`;
    task.reject(new FoveaError('bad-file', message));
  }
}

function tell(worker: Worker, message: DecodeMessage, transferred: ArrayBuffer[] = []): void {
  worker.postMessage(message, transferred);
}

/** A copy of the bytes, since the worker takes them away from whoever gave them. */
async function readSource(source: SampleSource, maxBytes: number): Promise<Uint8Array> {
  check(source.bytes <= maxBytes, 'bad-file', () => `it has more than ${maxBytes} bytes.`);
  const bytes = await source.read();
  checkArgument('what its source gives', bytes, BYTES);
  check(bytes.length === source.bytes, 'bad-file', () => {
    return `it is said to have ${source.bytes} bytes, but its source gives ${bytes.length}.`;
  });
  return new Uint8Array(bytes);
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

function closedError({ request }: Task): FoveaError {
  return new FoveaError('disposed', `The pool was closed before ${request.path} was decoded.`);
}
