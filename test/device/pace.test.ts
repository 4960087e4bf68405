import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Pace, workOf } from '../../src/device/pace.ts';
import { Recorder } from '../../src/device/recorder.ts';
import { UniformRing } from '../../src/device/uniform-ring.ts';

/** Milliseconds; the tests' clock. */
let clock = 0;

beforeEach(() => {
  clock = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A wait that is over `milliseconds` later. */
const wait = (milliseconds: number) =>
  Promise.resolve().then(() => {
    clock += milliseconds;
  });

/** What a workgroup costs in these tests, in multiply-adds. */
const WORKGROUP = 1e6;

/** A dispatch as a submit holds it: its first workgroup, and how many. */
interface Dispatched {
  readonly first: number;
  readonly workgroups: number;
}

/** A recorder for an adapter that does so many multiply-adds per millisecond, if JavaScript takes 20 µs a dispatch. */
class StandIn {
  readonly submits: Dispatched[][] = [];
  readonly #recorder: Recorder;
  readonly #pace = new Pace();
  readonly #speed: number;
  #idleAt = 0;

  constructor(speed: number) {
    this.#speed = speed;
    let uniforms = new Uint32Array();
    let offset = 0;
    let sets: { at: number; workgroups: number }[] = [];
    const pass = {
      setPipeline: () => {},
      setBindGroup: (_: number, __: unknown, [at]: [number]) => {
        offset = at;
      },
      dispatchWorkgroups: (x: number, y: number, z: number) =>
        sets.push({ at: offset, workgroups: x * y * z }),
      end: () => {},
    };
    const queue = {
      writeBuffer: (_: unknown, __: number, bytes: Uint8Array<ArrayBuffer>) => {
        uniforms = new Uint32Array(bytes.slice().buffer);
      },
      submit: () => {
        this.#submit(sets.map(({ at, workgroups }) => ({ first: uniforms[at / 4]!, workgroups })));
        sets = [];
      },
    };
    const gpu = {
      queue,
      createBuffer: () => ({}),
      createCommandEncoder: () => ({ beginComputePass: () => pass, finish: () => ({}) }),
    } as unknown as GPUDevice;
    this.#recorder = new Recorder(gpu, {
      uniforms: new UniformRing(gpu),
      pace: this.#pace,
      profiler: undefined,
    });
  }

  #submit(dispatches: Dispatched[]): void {
    this.submits.push(dispatches);
    this.#idleAt = Math.max(this.#idleAt, clock) + this.milliseconds(dispatches);
  }

  /** What a submit lasts. */
  milliseconds(dispatches: readonly Dispatched[]): number {
    return (dispatches.reduce((sum, { workgroups }) => sum + workgroups, 0) * WORKGROUP) / this.#speed;
  }

  /** Records a dispatch. */
  dispatch(workgroups: readonly [number, number, number], divisible = false): void {
    clock += 0.02;
    const work = workgroups[0] * workgroups[1] * workgroups[2] * WORKGROUP;
    const [pipeline, bindGroup] = [{} as GPUComputePipeline, {} as GPUBindGroup];
    const uniforms = new ArrayBuffer(4);
    this.#recorder.dispatch({ name: '', pipeline, bindGroup, uniforms, workgroups, work, divisible });
  }

  /** Submits and waits for all. */
  async finished(): Promise<void> {
    this.#recorder.flush();
    await this.#pace.during(
      Promise.resolve().then(() => {
        clock = Math.max(clock, this.#idleAt);
      }),
    );
  }

  /** The submits of the last of so many equal steps. */
  async lastOf(steps: number, step: () => void): Promise<Dispatched[][]> {
    for (let i = 0; i < steps; i++) {
      this.submits.length = 0;
      step();
      await this.finished();
    }
    return this.submits;
  }
}

describe('submits', () => {
  const step = (gpu: StandIn) => () => {
    for (let i = 0; i < 400; i++) gpu.dispatch([10, 1, 1]);
  };

  test('hold a hundred dispatches on a fast adapter', async () => {
    const gpu = new StandIn(1e10);
    const submits = await gpu.lastOf(4, step(gpu));
    expect(submits.map(({ length }) => length)).toEqual([100, 100, 100, 100]);
  });

  test.each([1e5, 1e6, 1e7])(
    'last 12.5 ms at most on an adapter of %f multiply-adds a millisecond',
    async (speed) => {
      const gpu = new StandIn(speed);
      const submits = await gpu.lastOf(4, step(gpu));
      const longest = Math.max(...submits.map((submit) => gpu.milliseconds(submit)));
      const one = (10 * WORKGROUP) / speed;
      expect(longest).toBeLessThan(Math.max(13, one * 1.01));
      expect(longest).toBeGreaterThan(12 - one);
    },
  );

  test('are short from the first one on, on an adapter as slow as any', async () => {
    const gpu = new StandIn(1e6);
    const submits = await gpu.lastOf(1, step(gpu));
    expect(Math.max(...submits.map((submit) => gpu.milliseconds(submit)))).toBeLessThan(500);
  });

  test('hold parts of a dispatch that is more than one may hold', async () => {
    const gpu = new StandIn(2e6); // 25 workgroups a submit
    const submits = await gpu.lastOf(4, () => {
      gpu.dispatch([5, 1, 1]);
      gpu.dispatch([60, 1, 1], true);
      gpu.dispatch([5, 9, 1], true);
    });
    expect(submits).toEqual([
      [
        { first: 0, workgroups: 5 },
        { first: 0, workgroups: 20 },
      ],
      [{ first: 20, workgroups: 20 }],
      [{ first: 40, workgroups: 20 }],
      [{ first: 0, workgroups: 25 }],
      [{ first: 25, workgroups: 20 }],
    ]);
  });

  test('hold what cannot be divided by itself', async () => {
    const gpu = new StandIn(1e6);
    const submits = await gpu.lastOf(4, () => {
      gpu.dispatch([10, 1, 1]);
      gpu.dispatch([120, 1, 1]);
      gpu.dispatch([10, 1, 1]);
    });
    expect(submits.map((submit) => submit.map(({ workgroups }) => workgroups))).toEqual([[10], [120], [10]]);
  });
});

describe('the pace', () => {
  /** What a submit may hold after `measure` with a pace that has settled at 1e6 multiply-adds per millisecond. */
  async function changed(measure: (pace: Pace) => Promise<void>): Promise<number> {
    const pace = new Pace();
    for (let i = 0; i < 3; i++) {
      pace.submitted(1e9);
      await pace.during(wait(1000));
    }
    expect(pace.workPerSubmit).toBe(1.25e7);
    await measure(pace);
    return pace.workPerSubmit / 1.25e7;
  }

  test.each<[string, number, (pace: Pace) => Promise<void>]>([
    [
      'rises with a wait that was shorter',
      2,
      async (pace) => {
        pace.submitted(1e9);
        await pace.during(wait(500));
      },
    ],
    [
      'falls with one that was longer',
      0.5,
      async (pace) => {
        pace.submitted(1e9);
        await pace.during(wait(2000));
      },
    ],
    [
      'changes by a factor of 4 at a time',
      4,
      async (pace) => {
        pace.submitted(1e9);
        await pace.during(wait(1));
      },
    ],
    [
      'and no more downwards',
      0.25,
      async (pace) => {
        pace.submitted(1e6);
        await pace.during(wait(1000));
      },
    ],
    [
      'never falls below the slowest',
      0.1,
      async (pace) => {
        for (let i = 0; i < 5; i++) {
          pace.submitted(1);
          await pace.during(wait(60_000));
        }
      },
    ],
    [
      'stays where JavaScript was busy meanwhile',
      1,
      async (pace) => {
        pace.submitted(1e9);
        clock += 5000;
        await pace.during(wait(0.1));
      },
    ],
    [
      'stays where little took as long as any wait does',
      1,
      async (pace) => {
        pace.submitted(1e3);
        await pace.during(wait(16));
      },
    ],
    [
      'stays where nothing was submitted',
      1,
      async (pace) => {
        clock += 1000;
        await pace.during(wait(1000));
      },
    ],
    [
      'stays where the wait failed',
      1,
      async (pace) => {
        pace.submitted(1e9);
        await pace.during(wait(5000).then(() => Promise.reject(new Error('lost')))).catch(() => {});
      },
    ],
    [
      'takes the later work of overlapping waits to begin after the earlier',
      2,
      async (pace) => {
        pace.submitted(1e9);
        const first = pace.during(wait(1000));
        pace.submitted(1e9);
        await Promise.all([first, pace.during(wait(0))]);
        await pace.during(wait(500));
      },
    ],
  ])('%s', async (_, factor, measure) => {
    expect(await changed(measure)).toBeCloseTo(factor, 1);
  });
});

test('work is multiply-adds, and bytes as some of them', () => {
  expect(workOf(5e6, 0)).toBe(5e6);
  expect(workOf(0, 2e6)).toBe(2 * workOf(0, 1e6));
  expect(workOf(5e6, 1e6)).toBe(5e6 + workOf(0, 1e6));
});
