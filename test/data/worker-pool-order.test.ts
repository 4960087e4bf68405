import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DecodeReply, DecodeRequest } from '../../src/data/decoding/messages.ts';
import { DecodePool } from '../../src/data/node/worker-pool.ts';

/** A worker that does what a test tells it to, in the order in which they were started. */
class ScriptedWorker extends EventEmitter {
  static started: ScriptedWorker[] = [];
  readonly told: unknown[] = [];
  ended = false;
  /** Whether it keeps the process alive. */
  alive = true;

  constructor(readonly entry: string | URL) {
    super();
    ScriptedWorker.started.push(this);
  }
  postMessage(message: unknown) {
    this.told.push(message);
  }
  ref() {
    this.alive = true;
  }
  unref() {
    this.alive = false;
  }
  terminate(): Promise<number> {
    this.ended = true;
    return new Promise((resolve) => this.once('exit', resolve));
  }
  /** Comes to its end, after it was told to or by itself. */
  end() {
    this.emit('exit', 1);
  }
  reply(reply: DecodeReply) {
    this.emit('message', reply);
  }
}

const system = vi.hoisted(() => ({ processors: 2 }));
vi.mock('node:worker_threads', () => ({
  get Worker() {
    return ScriptedWorker;
  },
}));
vi.mock('node:os', async (original) => ({
  ...(await original<typeof import('node:os')>()),
  availableParallelism: () => system.processors,
}));

const PIXELS = Uint8Array.of(1, 2, 3);
const request = (path: string): DecodeRequest => ({ path, size: 1, order: 'bgr', maxPixels: 1e8 });
const workers = () => ScriptedWorker.started;
/** What the pool made of images, in the order in which that was known: `a: done`, or `b: disposed`. */
let outcomes: string[];
const reasons = new Map<string, string>();

function ask(pool: DecodePool, ...paths: string[]): void {
  for (const path of paths) {
    pool.decode(request(path)).then(
      (pixels) => outcomes.push(`${path}: ${pixels === PIXELS ? 'done' : 'other pixels'}`),
      (error) => {
        outcomes.push(`${path}: ${error.code}`);
        reasons.set(path, error.message);
      },
    );
  }
}

/** Lets promises come to their ends. */
const settle = () => vi.advanceTimersByTimeAsync(0);
const tasksOf = (worker: ScriptedWorker) =>
  worker.told.map((message) => (typeof message === 'string' ? message : (message as DecodeRequest).path));

beforeEach(() => {
  vi.useFakeTimers();
  ScriptedWorker.started = [];
  outcomes = [];
  reasons.clear();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the workers of a pool', () => {
  it('are started as they are needed, up to the limit, and used again', async () => {
    const pool = new DecodePool(2);
    expect(workers()).toHaveLength(0);
    ask(pool, 'a');
    expect(workers()).toHaveLength(1);
    workers()[0]!.reply({ pixels: PIXELS });
    ask(pool, 'b', 'c', 'd', 'e');
    expect(workers().map(tasksOf)).toEqual([['a', 'b'], ['c']]);
    workers()[1]!.reply({ pixels: PIXELS });
    workers()[0]!.reply({ pixels: PIXELS });
    expect(workers().map(tasksOf)).toEqual([
      ['a', 'b', 'e'],
      ['c', 'd'],
    ]);
    expect(workers()[0]!.told[0]).toEqual(request('a'));
    await settle();
    expect(outcomes).toEqual(['a: done', 'c: done', 'b: done']);
  });

  it.each([
    [1, 1],
    [3, 3],
    [64, 16],
  ])('are at most 16 on %i processors unless asked for: %i', (processors, expected) => {
    system.processors = processors;
    ask(new DecodePool(), ...Array.from({ length: 20 }, (_, i) => `${i}`));
    expect(workers()).toHaveLength(expected);
  });

  it('keep the process alive while they decode alone', () => {
    const pool = new DecodePool(1);
    ask(pool, 'a');
    expect(workers()[0]!.alive).toBe(true);
    workers()[0]!.reply({ pixels: PIXELS });
    expect(workers()[0]!.alive).toBe(false);
    ask(pool, 'b');
    expect(workers()[0]!.alive).toBe(true);
  });

  it('go on after a file that gives no image', async () => {
    const pool = new DecodePool(1);
    ask(pool, 'a', 'b');
    workers()[0]!.reply({ reason: 'a is no image' });
    workers()[0]!.reply({ pixels: PIXELS });
    await settle();
    expect(outcomes).toEqual(['a: bad-file', 'b: done']);
    expect(reasons.get('a')).toBe('a is no image');
  });

  it('are replaced where they break down, which their image tells', async () => {
    const pool = new DecodePool(1);
    ask(pool, 'a', 'b', 'c');
    workers()[0]!.emit('error', new Error('out of memory'));
    workers()[0]!.end();
    expect(workers()).toHaveLength(2);
    workers()[1]!.emit('exit', 1);
    workers()[2]!.reply({ pixels: PIXELS });
    await settle();
    expect(outcomes).toEqual(['a: unsupported', 'b: unsupported', 'c: done']);
    expect(reasons.get('a')).toBe('The worker that decoded a broke down: out of memory.');
    expect(reasons.get('b')).toBe('The worker that decoded b broke down: it ended early.');
  });

  it('are not used again where they broke down idle', () => {
    const pool = new DecodePool(1);
    ask(pool, 'a');
    workers()[0]!.reply({ pixels: PIXELS });
    workers()[0]!.emit('exit', 1);
    ask(pool, 'b');
    expect(workers().map(tasksOf)).toEqual([['a'], ['b']]);
  });

  it('are used again where another one broke down', () => {
    const pool = new DecodePool(2);
    ask(pool, 'a', 'b');
    for (const worker of workers()) worker.reply({ pixels: PIXELS });
    workers()[1]!.end();
    ask(pool, 'c');
    expect(workers().map(tasksOf)).toEqual([['a', 'c'], ['b']]);
  });
});

describe('closing a pool', () => {
  it('ends all workers, waits for that, and disposes of every image not done', async () => {
    const pool = new DecodePool(2);
    ask(pool, 'a', 'b');
    workers()[0]!.reply({ pixels: PIXELS });
    ask(pool, 'c', 'd');
    workers()[1]!.reply({ pixels: PIXELS }); // takes d
    workers()[0]!.reply({ pixels: PIXELS }); // c: idle now
    ask(pool, 'e', 'f', 'g');
    let closed = false;
    const closing = pool.close().then(() => {
      closed = true;
    });
    await settle();
    expect(workers().every(({ ended }) => ended)).toBe(true);
    expect(closed).toBe(false);
    for (const worker of workers()) worker.end();
    await closing;
    expect(outcomes.toSorted()).toEqual([
      'a: done',
      'b: done',
      'c: done',
      'd: disposed',
      'e: disposed',
      'f: disposed',
      'g: disposed',
    ]);
    expect(workers()).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
    ask(pool, 'h');
    await settle();
    expect(outcomes.at(-1)).toBe('h: disposed');
    expect(reasons.get('h')).toBe('The pool was closed before h was decoded.');
    expect(workers()).toHaveLength(2);
  });

  it('ends idle workers too, and passes over what comes late', async () => {
    const pool = new DecodePool(2);
    ask(pool, 'a', 'b');
    workers()[0]!.reply({ pixels: PIXELS });
    const closing = pool.close();
    expect(workers().map(({ ended }) => ended)).toEqual([true, true]);
    workers()[1]!.reply({ pixels: PIXELS });
    workers()[1]!.reply({ largeImage: 3e7 });
    for (const worker of workers()) worker.end();
    await closing;
    await settle();
    expect(outcomes).toEqual(['a: done', 'b: disposed']);
    expect(workers().map(tasksOf)).toEqual([['a'], ['b']]);
  });
});

describe('the time that an image may take', () => {
  it('is five minutes: then its worker is ended, and the next one goes on', async () => {
    const pool = new DecodePool(1);
    ask(pool, 'a', 'b');
    await vi.advanceTimersByTimeAsync(299_999);
    expect(workers()[0]!.ended).toBe(false);
    await vi.advanceTimersByTimeAsync(2);
    expect(workers()[0]!.ended).toBe(true);
    expect(outcomes).toEqual(['a: bad-file']);
    expect(reasons.get('a')).toBe('Cannot read the image a: that took longer than 300 seconds.');
    expect(workers().map(tasksOf)).toEqual([['a'], ['b']]);
    workers()[0]!.end();
    workers()[1]!.reply({ pixels: PIXELS });
    await settle();
    expect(outcomes).toEqual(['a: bad-file', 'b: done']);
  });

  it('begins anew with each image', async () => {
    const pool = new DecodePool(1, 10);
    ask(pool, 'a', 'b');
    await vi.advanceTimersByTimeAsync(9000);
    workers()[0]!.reply({ pixels: PIXELS });
    await vi.advanceTimersByTimeAsync(9000);
    expect(workers()[0]!.ended).toBe(false);
    await vi.advanceTimersByTimeAsync(1001);
    expect(outcomes).toEqual(['a: done', 'b: bad-file']);
  });

  it('is over only where the reply does not lie ready, as after a pause of the whole process', async () => {
    const pool = new DecodePool(1, 10);
    ask(pool, 'a');
    vi.advanceTimersByTime(9999);
    vi.advanceTimersToNextTimer(); // the limit; what was received is looked at before the worker is ended
    workers()[0]!.reply({ pixels: PIXELS });
    await vi.advanceTimersByTimeAsync(1);
    expect(outcomes).toEqual(['a: done']);
    expect(workers()[0]!.ended).toBe(false);
  });
});

describe('large images', () => {
  it('are decoded one after the other, each by a worker that is ended before the next begins', async () => {
    const pool = new DecodePool(3);
    ask(pool, 'a', 'b', 'c', 'd');
    const [first, second, third] = workers() as [ScriptedWorker, ScriptedWorker, ScriptedWorker];
    for (const worker of [second, first]) worker.reply({ largeImage: 3e7 });
    expect([first, second].map(tasksOf)).toEqual([['a'], ['b', 'proceed']]);
    third.reply({ pixels: PIXELS });
    expect(tasksOf(third)).toEqual(['c', 'd']);
    second.reply({ pixels: PIXELS });
    await settle();
    expect(second.ended).toBe(true);
    expect(tasksOf(first)).toEqual(['a']);
    second.end();
    await settle();
    expect(tasksOf(first)).toEqual(['a', 'proceed']);
    first.reply({ reason: 'damaged' });
    first.end();
    third.reply({ pixels: PIXELS });
    await settle();
    expect(outcomes).toEqual(['c: done', 'b: done', 'a: bad-file', 'd: done']);
    ask(pool, 'e');
    third.reply({ largeImage: 3e7 });
    expect(tasksOf(third)).toEqual(['c', 'd', 'e', 'proceed']);
  });

  it('end their workers, which are not used again even before they are gone', async () => {
    const pool = new DecodePool(1);
    ask(pool, 'a', 'b');
    workers()[0]!.reply({ largeImage: 3e7 });
    workers()[0]!.reply({ pixels: PIXELS });
    expect(workers().map(tasksOf)).toEqual([['a', 'proceed'], ['b']]);
    workers()[1]!.reply({ pixels: PIXELS });
    ask(pool, 'c');
    expect(workers().map(tasksOf)).toEqual([
      ['a', 'proceed'],
      ['b', 'c'],
    ]);
    workers()[0]!.end();
    workers()[1]!.reply({ pixels: PIXELS });
    await settle();
    expect(outcomes).toEqual(['a: done', 'b: done', 'c: done']);
  });

  it('do not wait for one whose worker broke down while it waited', async () => {
    const pool = new DecodePool(3);
    ask(pool, 'a', 'b', 'c');
    const [first, second, third] = workers() as [ScriptedWorker, ScriptedWorker, ScriptedWorker];
    for (const worker of workers()) worker.reply({ largeImage: 3e7 });
    second.emit('exit', 1);
    first.reply({ pixels: PIXELS });
    first.end();
    await settle();
    expect(outcomes).toEqual(['b: unsupported', 'a: done']);
    expect(tasksOf(third)).toEqual(['c', 'proceed']);
    expect(tasksOf(second)).toEqual(['b']);
  });

  it('may take five seconds more a megapixel, and wait for as long as others take', async () => {
    const pool = new DecodePool(2, 10);
    ask(pool, 'a', 'b');
    const [first, second] = workers() as [ScriptedWorker, ScriptedWorker];
    first.reply({ largeImage: 30e6 });
    second.reply({ largeImage: 40e6 });
    await vi.advanceTimersByTimeAsync(159_000);
    expect([first.ended, second.ended]).toEqual([false, false]);
    await vi.advanceTimersByTimeAsync(1001);
    expect([first.ended, second.ended]).toEqual([true, false]);
    expect(reasons.get('a')).toContain('longer than 160 seconds');
    first.end();
    await settle();
    expect(tasksOf(second)).toEqual(['b', 'proceed']);
    await vi.advanceTimersByTimeAsync(209_000);
    expect(second.ended).toBe(false);
    await vi.advanceTimersByTimeAsync(1001);
    expect(reasons.get('b')).toContain('longer than 210 seconds');
  });
});
