/**
 * @file The adapter's ceiling: multiply-adds a second of a kernel that loads nothing.
 */

import type { Device } from '../device/device.ts';
import { writes } from '../kernels/buffers.ts';
import { threadEntry, threadGrid, unroll } from '../kernels/grid.ts';
import { defineKernel } from '../kernels/kernel.ts';
import { empty } from '../tensor/create.ts';

/** Numbers of independent sums per thread; which one hides the latency without spilling differs by adapter. */
const CHAINS = [1, 2, 4, 8];
/** Multiply-adds of each sum in one round of the loop. */
const UNROLLED = 16;
const ROUNDS = 256;
/** Threads that fill an adapter: few where the CPU runs them, so that a run stays short. */
const THREADS = { software: 2 ** 12, hardware: 2 ** 18 };

const kernel = defineKernel({
  name: 'ceiling',
  buffers: { out: writes('vec4f') },
  uniforms: { threads: 'u32', rounds: 'u32', factor: 'f32', summand: 'f32' },
  body: ({ chains }: { chains: number }) =>
    threadEntry(`
  if (thread >= u.threads) { return; }
  let factor = vec4f(u.factor);
  let summand = vec4f(u.summand);
  ${unroll(chains, (chain) => `var sum${chain} = vec4f(f32(thread + ${chain}u));`)}
  for (var round = 0u; round < u.rounds; round++) {
    ${unroll(UNROLLED * chains, (i) => `sum${i % chains} = fma(sum${i % chains}, factor, summand);`)}
  }
  out[thread] = ${Array.from({ length: chains }, (_, chain) => `sum${chain}`).join(' + ')};`),
});

/** Floating-point operations a second that `device` reaches at best, a multiply-add counting as two; `time` measures a run in milliseconds. */
export async function measureCeiling(
  device: Device,
  time: (run: () => void) => Promise<number>,
): Promise<number> {
  const threads = device.info.software ? THREADS.software : THREADS.hardware;
  const out = empty(device, [threads * 4]);
  let best = 0;
  for (const chains of CHAINS) {
    const uniforms = { threads, rounds: ROUNDS, factor: 0.5, summand: 0.25 };
    const plan = kernel({ chains }, uniforms, threadGrid(threads));
    const milliseconds = await time(() => device.run(plan, [out.slice]));
    const operations = threads * ROUNDS * UNROLLED * chains * 4 * 2;
    best = Math.max(best, operations / (milliseconds / 1e3));
  }
  out.dispose();
  return best;
}
