/**
 * @file Gathers what arrives together into batches.
 */

/** When a batch is full, and how long it is waited for. */
export interface BatchingOptions {
  /** Items per batch at most. */
  readonly maxBatch: number;
  /** Milliseconds that the first item of a batch waits for others, unless another batch is being computed meanwhile. */
  readonly maxWait: number;
}

interface Waiting<T, R> {
  readonly item: T;
  /** When it came, in milliseconds. */
  readonly since: number;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/** Hands items to `run`, several at a time, in the order in which they came; one batch is computed after the other. */
export class Batcher<T, R> {
  readonly #run: (items: readonly T[]) => Promise<readonly R[]>;
  readonly #options: BatchingOptions;
  readonly #waiting: Waiting<T, R>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running = false;

  /** `run` gives a result for each of the items, in their order. */
  constructor(run: (items: readonly T[]) => Promise<readonly R[]>, options: BatchingOptions) {
    this.#run = run;
    this.#options = options;
  }

  /** What becomes of `item`. Rejects as the batch that it is in. */
  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, since: performance.now(), resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    const [first] = this.#waiting;
    if (this.#running || !first) return;
    const { maxBatch, maxWait } = this.#options;
    clearTimeout(this.#timer);
    const rest = first.since + maxWait - performance.now();
    if (this.#waiting.length >= maxBatch || rest <= 0) void this.#start();
    else this.#timer = setTimeout(() => void this.#start(), rest);
  }

  async #start(): Promise<void> {
    clearTimeout(this.#timer);
    this.#running = true;
    const batch = this.#waiting.splice(0, this.#options.maxBatch);
    try {
      const results = await this.#run(batch.map(({ item }) => item));
      batch.forEach(({ resolve }, i) => {
        resolve(results[i]!);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#running = false;
      this.#schedule();
    }
  }
}
