/**
 * @file Threads that decode images: who gets which image when, and what becomes of those that fail. Which threads they are, Node's or
 * a browser's, stands in `node/worker-pool.ts` and `browser/worker-pool.ts`.
 */

import { BYTES, checkArgument } from '../../arguments.ts';
import { counted } from '../../counted.ts';
import { check, FoveaError, messageOf } from '../../errors.ts';
import { type Extent, maxFileBytes } from '../image-header.ts';
import type { SampleSource } from '../sample.ts';
import type { DecodedPixels, DecodeReply, DecodeRequest, DecodeResult } from './messages.ts';
import type { DecodeThread, ThreadEvents } from './thread.ts';

/** How long reading and decoding an image may take: some hundred times what a slow processor needs. */
const MAX_SECONDS = 300;
const MAX_SECONDS_PER_MEGAPIXEL = 5;

/** How a {@link ThreadPool} works; `E` is what requests have beside those of all platforms. */
export interface ThreadPoolOptions<E extends object> {
  /** How many threads at most. */
  readonly workers: number;
  /** How long an image may take, 300 by default. */
  readonly maxSeconds?: number | undefined;
  start(events: ThreadEvents): DecodeThread;
  extras(): E;
  /** Takes account of what the threads did about the cache. */
  readonly cache?: { written(bytes: number): void; fail(reason: string): void } | undefined;
  /** Calls back when replies that lie ready have been received. */
  afterReplies(callback: () => void): void;
}

/** An image to decode: the file at `path`, or what `source` gives, which `path` names in messages. */
export interface DecodeTask extends Omit<DecodeRequest, 'bytes'> {
  readonly source?: SampleSource | undefined;
  /** Gets the size of the image before the decoding resolves or rejects, unless its header cannot be read. */
  readonly onExtent?: ((extent: Extent) => void) | undefined;
}

interface Task {
  readonly request: DecodeTask;
  readonly resolve: (pixels: Uint8Array) => void;
  readonly reject: (error: FoveaError) => void;
  /** Ends the worker that takes too long. */
  timer?: ReturnType<typeof setTimeout>;
}

/**
 * Up to `workers` threads, started as they are needed, that decode images first come, first served; of images
 * of more than 25 megapixels one at a time, so that memory stays within that of two of the largest. The process
 * stays alive while images are being decoded, and ends in spite of idle workers. A worker that does not come to
 * an end is ended after `maxSeconds`, and 5 seconds more per megapixel of a large image.
 */
export class ThreadPool<E extends object> {
  readonly #maxSeconds: number;
  readonly #options: ThreadPoolOptions<E>;
  /** Workers with a large image; the first one decodes, the others wait. */
  readonly #large: { readonly worker: DecodeThread; readonly proceed: () => void }[] = [];
  #idle: DecodeThread[] = [];
  readonly #busy = new Map<DecodeThread, Task>();
  readonly #queue: Task[] = [];
  #closed = false;

  constructor(options: ThreadPoolOptions<E>) {
    this.#maxSeconds = options.maxSeconds ?? MAX_SECONDS;
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
    for (const worker of workers) worker.hold();
    await Promise.all(workers.map((worker) => worker.end()));
  }

  /** Gives waiting tasks to idle workers, and starts workers as far as the limit allows. */
  #assign(): void {
    while (this.#queue.length > 0) {
      const worker =
        this.#idle.pop() ?? (this.#busy.size < this.#options.workers ? this.#start() : undefined);
      if (!worker) return;
      const task = this.#queue.shift()!;
      this.#busy.set(worker, task);
      worker.hold();
      void this.#send(worker, task);
      this.#limitTime(worker, task, this.#maxSeconds);
    }
  }

  /** Gives the worker its task, with the bytes where they are no file that it could read. */
  async #send(worker: DecodeThread, { request: { source, onExtent: _, ...task } }: Task): Promise<void> {
    const request = { ...task, ...this.#options.extras() };
    if (!source) return worker.post(request, []);
    try {
      const bytes = await readSource(source, maxFileBytes(request.maxPixels));
      worker.post({ ...request, bytes }, [bytes.buffer as ArrayBuffer]);
    } catch (error) {
      const reason = messageOf(error);
      const isNamed = reason.includes(request.path);
      this.#receive(worker, {
        reason: isNamed ? reason : `Cannot read the image ${request.path}: ${reason}`,
      });
    }
  }

  #start(): DecodeThread {
    const worker: DecodeThread = this.#options.start({
      onReply: (reply) => this.#receive(worker, reply),
      onEnd: (breakdown) => this.#giveUp(worker, breakdown),
    });
    return worker;
  }

  #receive(worker: DecodeThread, reply: DecodeReply): void {
    const task = this.#busy.get(worker);
    if (!task) return; // closed meanwhile
    if ('largeImage' in reply) this.#queueLarge(worker, task, reply.largeImage);
    else this.#finish(worker, task, reply);
  }

  #finish(worker: DecodeThread, task: Task, reply: DecodeResult): void {
    const goesOn = !this.#release(worker, task);
    if (goesOn) {
      worker.release();
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
  #queueLarge(worker: DecodeThread, task: Task, pixels: number): void {
    clearTimeout(task.timer);
    const proceed = () => {
      worker.post('proceed', []);
      this.#limitTime(worker, task, this.#maxSeconds + (MAX_SECONDS_PER_MEGAPIXEL * pixels) / 1e6);
    };
    this.#large.push({ worker, proceed });
    if (this.#large.length === 1) proceed();
  }

  /**
   * The worker's task is over, one way or the other. A worker that had a large image is ended, since an idle thread keeps its
   * garbage, and only then may the next one proceed. Returns whether it had one.
   */
  #release(worker: DecodeThread, task: Task): boolean {
    clearTimeout(task.timer);
    this.#busy.delete(worker);
    const place = this.#large.findIndex((large) => large.worker === worker);
    if (place > 0) this.#large.splice(place, 1);
    if (place === 0) {
      void worker.end().then(() => {
        this.#large.shift();
        this.#large[0]?.proceed();
      });
    }
    return place >= 0;
  }

  /** After a worker broke down: its task fails, the others continue with the other workers or a new one. */
  #giveUp(worker: DecodeThread, breakdown: string): void {
    this.#idle = this.#idle.filter((other) => other !== worker);
    const task = this.#busy.get(worker);
    if (!task) return; // it was idle, or the pool was closed
    this.#release(worker, task);
    this.#assign();
    const message = `The worker that decoded ${task.request.path} broke down: ${breakdown}.`;
    task.reject(new FoveaError('unsupported', message));
  }

  #limitTime(worker: DecodeThread, task: Task, seconds: number): void {
    const isOver = () => this.#busy.get(worker) !== task;
    // After a pause of the whole process the reply may lie ready.
    const expire = () => this.#options.afterReplies(() => isOver() || this.#end(worker, task, seconds));
    task.timer = setTimeout(expire, 1000 * seconds);
  }

  #end(worker: DecodeThread, task: Task, seconds: number): void {
    this.#release(worker, task);
    void worker.end();
    this.#assign();
    const message = `Cannot read the image ${task.request.path}: that took longer than ${counted(seconds, 'second')}.`;
    task.reject(new FoveaError('bad-file', message));
  }
}

/** A copy of the bytes, since the worker takes them away from whoever gave them. */
async function readSource(source: SampleSource, maxBytes: number): Promise<Uint8Array> {
  check(source.bytes <= maxBytes, 'bad-file', () => `it has more than ${maxBytes} bytes.`);
  const bytes = await source.read();
  checkArgument('what its source gives', bytes, BYTES);
  check(bytes.length === source.bytes, 'bad-file', () => {
    return `it is said to have ${counted(source.bytes, 'byte')}, but its source gives ${bytes.length}.`;
  });
  return new Uint8Array(bytes);
}

function closedError({ request }: Task): FoveaError {
  return new FoveaError('disposed', `The pool was closed before ${request.path} was decoded.`);
}
