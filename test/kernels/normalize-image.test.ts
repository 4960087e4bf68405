import { expect, test } from 'vitest';
import { normalizeImagePlan } from '../../src/kernels/normalize-image.ts';
import type { Operand } from '../../src/kernels/padding.ts';
import { map, maxAbsDifference, xorshift } from '../reference/array.ts';
import { normalizeImage } from '../reference/normalize-image.ts';
import fc from '../support/fast-check.ts';
import { fromMemory, unwritten } from '../support/operands.ts';
import { runKernel } from '../support/run-kernel.ts';

const extents = fc.tuple(
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 1, max: 9 }),
  fc.integer({ min: 1, max: 9 }),
);

/** Random bytes of images, 0 and 255 among them. */
function randomBytes(length: number, seed: number): Uint8Array {
  const next = xorshift(seed);
  return Uint8Array.from({ length }, () => Math.min(255, Math.max(0, Math.floor(next() * 280) - 12)));
}

test('bytes become −1 … 1, channels-last with a zero fourth lane', async () => {
  await fc.assert(
    fc.asyncProperty(extents, fc.nat(), async ([batch, height, width], seed) => {
      const pixels = batch * height * width;
      const bytes = randomBytes(pixels * 3, seed);
      const y: Operand = { shape: [batch, 3, height, width], layout: 'channels-last' };
      const [, memory] = await runKernel(normalizeImagePlan(pixels), [bytes, unwritten(y)]);
      const expected = normalizeImage(bytes, [batch, height, width]);
      expect(maxAbsDifference(fromMemory(memory, y), expected)).toBeLessThan(1.2e-7);
    }),
    { numRuns: 15 },
  );
});

test('each channel has its own mean and deviation', async () => {
  const [mean, std] = [[0.485, 0.456, 0.406] as const, [0.229, 0.224, 0.225] as const];
  const y: Operand = { shape: [2, 3, 5, 7], layout: 'channels-last' };
  const bytes = randomBytes(2 * 5 * 7 * 3, 1);
  const [, memory] = await runKernel(normalizeImagePlan(70, { mean, std }), [bytes, unwritten(y)]);
  const expected = map(normalizeImage(bytes, [2, 5, 7]), (value, i) => {
    const channel = Math.floor(i / 35) % 3;
    return ((value + 1) / 2 - mean[channel]!) / std[channel]!;
  });
  expect(maxAbsDifference(fromMemory(memory, y), expected)).toBeLessThan(5e-7);
});

test('a deviation of 0 is refused', () => {
  expect(() => normalizeImagePlan(1, { std: [1, 0, 1] })).toThrow(/1, 0, 1/);
});
