import { expect, test } from 'vitest';
import { compose, drawAugmentation, type Transform } from '../../src/common.ts';
import { augmentImagesPlan } from '../../src/kernels/augment-images.ts';
import { normalizeImagePlan } from '../../src/kernels/normalize-image.ts';
import type { Operand } from '../../src/kernels/padding.ts';
import { maxAbsDifference, xorshift } from '../reference/array.ts';
import { augmentImages } from '../reference/augment-images.ts';
import fc from '../support/fast-check.ts';
import { fromMemory, unwritten } from '../support/operands.ts';
import { runKernel } from '../support/run-kernel.ts';

const NONE = compose();

function randomBytes(length: number, seed: number): Uint8Array {
  const next = xorshift(seed);
  return Uint8Array.from({ length }, () => Math.floor(next() * 256));
}

/** Of `batch` images of `size`², the draws of `transforms` on them, those from `first` on. */
async function augmented(bytes: Uint8Array, parameters: Float32Array, size: number, first = 0) {
  const batch = bytes.length / (size * size * 3);
  const y: Operand = { shape: [batch - first, 3, size, size], layout: 'channels-last' };
  const plan = augmentImagesPlan({ batch, first, images: batch - first, height: size, width: size });
  const [, , memory] = await runKernel(plan, [bytes, parameters, unwritten(y)]);
  return { memory, values: fromMemory(memory, y) };
}

test('without transforms the values are those of normalizeImages, bit for bit', async () => {
  for (const size of [1, 5, 32]) {
    const bytes = randomBytes(3 * size * size * 3, size);
    const { parameters } = drawAugmentation(NONE, { samples: [0, 1, 2], size, epoch: 0 });
    const y: Operand = { shape: [3, 3, size, size], layout: 'channels-last' };
    const [, expected] = await runKernel(normalizeImagePlan(3 * size * size), [bytes, unwritten(y)]);
    const { memory } = await augmented(bytes, parameters, size);
    expect(memory).toEqual(expected);
  }
});

test('a flip moves pixels and computes nothing: the same bits in another place', async () => {
  const flip: Transform = { name: 'flip', draw: () => ({ geometry: [-1, 0, 1, 0, 1, 0] }) };
  const bytes = randomBytes(7 * 7 * 3, 5);
  const draw = (transforms: Transform) =>
    drawAugmentation(transforms, { samples: [0], size: 7, epoch: 0 }).parameters;
  const { values: flipped } = await augmented(bytes, draw(flip), 7);
  const { values: plain } = await augmented(bytes, draw(NONE), 7);
  const mirrored = Array.from(plain.data, (_, i) => plain.data[i - (i % 7) + 6 - (i % 7)]);
  expect([...flipped.data]).toEqual(mirrored);
});

test('random parameters give what float64 gives, in parts of a batch too', async () => {
  const number = (max: number) => fc.double({ min: -max, max, noNaN: true });
  const image = fc.tuple(
    fc.array(number(1.5), { minLength: 24, maxLength: 24 }),
    fc.double({ min: 0, max: 1 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(image, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(),
      async (images, size, seed) => {
        const parameters = Float32Array.from(
          images.flatMap(([numbers, share], i) => {
            const [a, b, c, , d, e, f, , ...rest] = numbers as [number, ...number[]];
            const places = [a, b!, c! * size, share, d!, e!, f! * size, (i + 1) % images.length];
            const rows = rest.map((value, i) =>
              i >= 12 ? Math.round(value * size) : i % 4 === 3 ? 99 * value : value,
            );
            return [...places, ...rows];
          }),
        );
        const bytes = randomBytes(images.length * size * size * 3, seed);
        const expected = augmentImages(bytes, [images.length, size, size], parameters);
        const first = images.length - 1;
        const { values } = await augmented(bytes, parameters, size, first);
        const tail = expected.data.slice(first * 3 * size * size);
        expect(maxAbsDifference(values, { shape: [1, 3, size, size], data: tail })).toBeLessThan(2e-5);
      },
    ),
    { numRuns: 40 },
  );
});

test('a rectangle is the mean colour, and all around it as it was', async () => {
  const bytes = randomBytes(4 * 4 * 3, 7);
  const { parameters } = drawAugmentation(NONE, { samples: [0], size: 4, epoch: 0 });
  const { values: plain } = await augmented(bytes, parameters, 4);
  parameters.set([1, 0, 3, 2], 20); // left, top, right, bottom
  const { values } = await augmented(bytes, parameters, 4);
  const erased = [1, 2, 5, 6];
  const expected = Array.from(plain.data, (value, i) => (erased.includes(i % 16) ? 0 : value));
  expect([...values.data]).toEqual(expected);
});

test('places far outside are black', async () => {
  const bytes = randomBytes(2 * 2 * 3, 1);
  const { parameters } = drawAugmentation(
    { name: 'away', draw: () => ({ geometry: [1, 0, 3e9, 0, 1, -1e30] }) },
    { samples: [0], size: 2, epoch: 0 },
  );
  const { values } = await augmented(bytes, parameters, 2);
  expect([...values.data]).toEqual(new Array(12).fill(-1));
});

test('an empty batch is refused', () => {
  expect(() => augmentImagesPlan({ batch: 0, first: 0, images: 0, height: 1, width: 1 })).toThrow(
    /one image/,
  );
});
