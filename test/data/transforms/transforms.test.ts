import { describe, expect, test } from 'vitest';
import {
  colorJitter,
  compose,
  drawAugmentation,
  mixup,
  Random,
  randomAffine,
  randomErasing,
  randomHorizontalFlip,
  randomResizedCrop,
  randomRotation,
  randomVerticalFlip,
  type Transform,
} from '../../../src/common.ts';
import type { AffineMatrix } from '../../../src/data/transforms/affine-matrix.ts';
import { IDENTITY_COLORS, rotateHue, saturate } from '../../../src/data/transforms/color-matrix.ts';
import type { ImageDraw } from '../../../src/data/transforms/transform.ts';
import { AUGMENTATION_LENGTH } from '../../../src/kernels/augment-images.ts';
import fc from '../../support/fast-check.ts';

const ALL = compose(
  randomHorizontalFlip(),
  randomVerticalFlip(),
  randomRotation(15),
  randomAffine({ translate: 0.1, scale: [0.8, 1.2] }),
  randomResizedCrop({ scale: [0.5, 1] }),
  colorJitter({ brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.05 }),
  randomErasing(),
  mixup(),
);
const random = () => new Random(7);
const place = ([a, b, c, d, e, f]: AffineMatrix, [x, y]: readonly [number, number]) => [
  a * x + b * y + c,
  d * x + e * y + f,
];
const colored = (matrix: readonly number[], [r, g, b]: readonly [number, number, number]) =>
  [0, 1, 2].map(
    (i) => matrix[4 * i]! * r + matrix[4 * i + 1]! * g + matrix[4 * i + 2]! * b + matrix[4 * i + 3]!,
  );

describe('what is drawn', () => {
  test('depends on the seed, the epoch and the sample, and not on the batch', () => {
    const rows = (samples: number[], epoch = 0, seed = 1) =>
      samples.map((_, i) => {
        const { parameters } = drawAugmentation(ALL, { samples, size: 16, seed, epoch });
        const row = [...parameters.slice(i * AUGMENTATION_LENGTH, (i + 1) * AUGMENTATION_LENGTH)];
        row.splice(7, 1); // the partner, which is a place in the batch
        return row;
      });
    const [first, second] = rows([3, 9]);
    expect(rows([9, 1, 3])).toEqual([second, expect.anything(), first]);
    expect(first).not.toEqual(second);
    expect(rows([3, 9], 1)[0]).not.toEqual(first);
    expect(rows([3, 9], 0, 2)[0]).not.toEqual(first);
  });

  test('is named with its numbers, so that other numbers have another name', () => {
    expect(randomAffine({ degrees: 15, scale: [0.8, 1] }).name).toBe(
      'randomAffine(degrees: 15, scale: [0.8, 1])',
    );
    expect(compose(randomRotation(5), mixup(0.4)).name).toBe('compose(randomRotation(5), mixup(0.4))');
  });

  test('may be a transform of one’s own', () => {
    const dark: Transform = {
      name: 'dark',
      draw: () => ({ color: IDENTITY_COLORS.map((value) => value / 2) }),
    };
    const [first, , , ...rows] = drawAugmentation(dark, { samples: [0], size: 4, epoch: 0 }).parameters;
    expect(first).toBe(1);
    expect(rows.slice(5, 17)).toEqual([0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0]);
  });
});

/** The least and the greatest of what `read` makes of many draws. */
function range(transform: Transform, read: (draw: ImageDraw) => number): readonly [number, number] {
  const generator = random();
  const values = Array.from({ length: 500 }, () => read(transform.draw(generator)));
  return [Math.min(...values), Math.max(...values)];
}

describe('draws span what was asked for', () => {
  const degrees = ({ geometry }: ImageDraw) => (Math.atan2(geometry![3], geometry![0]) * 180) / Math.PI;
  const scale = ({ geometry }: ImageDraw) => 1 / Math.hypot(geometry![0], geometry![3]);
  const shift = ({ geometry }: ImageDraw) => place(geometry!, [0.5, 0.5])[0]! - 0.5;
  const area = ({ erased }: ImageDraw) => (erased![2] - erased![0]) * (erased![3] - erased![1]);
  const ratio = ({ erased }: ImageDraw) => (erased![2] - erased![0]) / (erased![3] - erased![1]);
  /** By how much red is more than green, of a colour where it is by 0.8. */
  const distance = ({ color }: ImageDraw) => {
    const [red, green] = colored(color!, [1, 0.2, 0.2]);
    return (red! - green!) / 0.8;
  };
  const affine = randomAffine({ degrees: 30, translate: 0.1, scale: [0.5, 2] });
  const erasing = randomErasing({ probability: 1, scale: [0.1, 0.2], ratio: [0.5, 2] });

  test.each<[string, Transform, (draw: ImageDraw) => number, readonly [number, number]]>([
    ['a rotation', randomRotation(30), degrees, [-30, 30]],
    ['the angle of an affine one', affine, degrees, [-30, 30]],
    ['its scale', affine, scale, [0.5, 2]],
    ['its shift', affine, shift, [-0.1, 0.1]],
    ['brightness', colorJitter({ brightness: 0.5 }), distance, [0.5, 1.5]],
    ['contrast', colorJitter({ contrast: 0.5 }), distance, [0.5, 1.5]],
    ['saturation', colorJitter({ saturation: 0.5 }), distance, [0.5, 1.5]],
    ['the area that is cut out', erasing, area, [0.1, 0.2]],
    ['its ratio', erasing, ratio, [0.5, 2]],
  ])('%s', (_, transform, read, [least, most]) => {
    const [from, to] = range(transform, read);
    const margin = 0.05 * (most - least);
    expect(from).toBeGreaterThanOrEqual(least - 1e-6);
    expect(from).toBeLessThan(least + margin);
    expect(to).toBeLessThanOrEqual(most + 1e-6);
    expect(to).toBeGreaterThan(most - margin);
  });

  test('hue turns colours to both sides', () => {
    const [from, to] = range(colorJitter({ hue: 0.25 }), ({ color }) => {
      const [, green, blue] = colored(color!, [1, 0.2, 0.2]);
      return green! - blue!;
    });
    expect(from).toBeLessThan(-0.3);
    expect(to).toBeGreaterThan(0.3);
  });
});

describe('geometry', () => {
  test('a flip leaves the middle and exchanges the sides', () => {
    const { geometry } = randomHorizontalFlip(1).draw(random());
    expect(place(geometry!, [0.25, 0.1])).toEqual([0.75, 0.1]);
    const { geometry: upside } = randomVerticalFlip(1).draw(random());
    expect(place(upside!, [0.25, 0.1])).toEqual([0.25, 0.9]);
    expect(randomHorizontalFlip(0).draw(random())).toEqual({});
  });

  test('flips come in every second image', () => {
    const generator = random();
    const flip = randomHorizontalFlip();
    const flips = Array.from({ length: 1000 }, () => flip.draw(generator)).filter(({ geometry }) => geometry);
    expect(Math.abs(flips.length - 500)).toBeLessThan(60);
  });

  test('an affine one leaves angles right, divides by the scale and moves the middle by the shift', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const transform = randomAffine({ degrees: 180, translate: 0.1, scale: [0.5, 2] });
        const [a, b, c, d, e, f] = transform.draw(new Random(seed)).geometry!;
        expect(a * b + d * e).toBeCloseTo(0, 10);
        const scale = 1 / Math.hypot(a, d);
        expect(scale).toBeGreaterThanOrEqual(0.5 - 1e-9);
        expect(scale).toBeLessThanOrEqual(2 + 1e-9);
        const [x, y] = place([a, b, c, d, e, f], [0.5, 0.5]) as [number, number];
        expect(Math.max(Math.abs(x - 0.5), Math.abs(y - 0.5))).toBeLessThanOrEqual(0.1 + 1e-9);
      }),
    );
  });

  test('a crop lies within the image, with area and ratio in their ranges', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const crop = randomResizedCrop({ scale: [0.2, 0.9], ratio: [0.5, 2] });
        const [width, , left, , height, top] = crop.draw(new Random(seed)).geometry!;
        for (const [start, extent] of [
          [left, width],
          [top, height],
        ] as const) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(start + extent).toBeLessThanOrEqual(1 + 1e-9);
        }
        if (width === 1 && height === 1) return; // nothing that was drawn fitted
        expect(width * height).toBeGreaterThan(0.2 - 1e-9);
        expect(width * height).toBeLessThan(0.9 + 1e-9);
        expect(width / height).toBeGreaterThan(0.5 - 1e-9);
        expect(width / height).toBeLessThan(2 + 1e-9);
      }),
    );
  });

  test('several become one matrix: the first is applied first', () => {
    const crop: Transform = { name: 'corner', draw: () => ({ geometry: [0.5, 0, 0, 0, 0.5, 0] }) };
    const { geometry } = compose(crop, randomHorizontalFlip(1)).draw(random());
    // The result's left edge is the right edge of the upper left quarter.
    expect(place(geometry!, [0, 0])).toEqual([0.5, 0]);
    const { geometry: other } = compose(randomHorizontalFlip(1), crop).draw(random());
    expect(place(other!, [0, 0])).toEqual([1, 0]);
  });
});

describe('colours', () => {
  test('brightness multiplies, contrast keeps mid-grey, saturation keeps greys', () => {
    const grey = [0.5, 0.5, 0.5] as const;
    const of = (transform: Transform) => transform.draw(random()).color!;
    const [bright] = colored(of(colorJitter({ brightness: 0.5 })), grey);
    expect(bright).toBeGreaterThan(0.25);
    expect(bright).toBeLessThan(0.75);
    for (const options of [{ contrast: 0.9 }, { saturation: 0.9 }, { hue: 0.5 }])
      for (const value of colored(of(colorJitter(options)), grey)) expect(value).toBeCloseTo(0.5, 2);
    expect(of(colorJitter({}))).toEqual(IDENTITY_COLORS.map((value) => expect.closeTo(value, 12)));
  });

  test('no saturation is grey, half a turn of hue and another one are none', () => {
    const grey = colored(saturate(0), [1, 0, 0]);
    expect(grey).toEqual([0.213, 0.213, 0.213]);
    const half = rotateHue(0.5);
    const back = colored(half, colored(half, [0.9, 0.2, 0.4]) as [number, number, number]);
    [0.9, 0.2, 0.4].forEach((value, i) => {
      expect(back[i]).toBeCloseTo(value, 2);
    });
  });

  test('are told in the order of the channels in memory', () => {
    const red: Transform = { name: 'red', draw: () => ({ color: [2, 0, 0, 0.5, 0, 1, 0, 0, 0, 0, 1, 0] }) };
    const rows = (order: 'bgr' | 'rgb') =>
      [...drawAugmentation(red, { samples: [0], size: 4, order, epoch: 0 }).parameters].slice(8, 20);
    expect(rows('rgb')).toEqual([2, 0, 0, 127.5, 0, 1, 0, 0, 0, 0, 1, 0]);
    expect(rows('bgr')).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 127.5]);
  });
});

describe('cut-out and mixup', () => {
  test('a rectangle lies within the image', () => {
    const generator = random();
    const erasing = randomErasing({ probability: 1 });
    for (let i = 0; i < 100; i++) {
      const [left, top, right, bottom] = erasing.draw(generator).erased!;
      expect(Math.min(left, top, right - left, bottom - top)).toBeGreaterThanOrEqual(0);
      expect(Math.max(right, bottom)).toBeLessThanOrEqual(1 + 1e-9);
    }
  });

  test.each([0.05, 0.4, 1, 3])('shares are the larger halves of Beta(%d, %d)', (alpha) => {
    const generator = random();
    const transform = mixup(alpha);
    const shares = Array.from({ length: 4000 }, () => transform.draw(generator).share!);
    expect(shares.every((share) => share >= 0.5 && share <= 1)).toBe(true);
    // The variance of Beta(α, α) is 1 / (4 · (2α + 1)), and taking the larger half does not change (share − ½)².
    const variance = shares.reduce((sum, share) => sum + (share - 0.5) ** 2, 0) / shares.length;
    expect(variance * 4 * (2 * alpha + 1)).toBeCloseTo(1, 1);
  });

  test('labels are mixed as the images are', () => {
    const half: Transform = { name: 'half', draw: () => ({ share: 0.75 }) };
    const drawn = drawAugmentation(half, { samples: [0, 1, 2], size: 4, epoch: 0 });
    expect([...drawn.mixLabels(Float32Array.of(1, 0, 0), 1)!]).toEqual([0.75, 0, 0.25]);
    expect([...drawn.mixLabels(Float32Array.of(2, 0, 0), 3)!]).toEqual([
      0.25, 0, 0.75, 1, 0, 0, 0.75, 0, 0.25,
    ]);
    const none = drawAugmentation(compose(), { samples: [0, 1], size: 4, epoch: 0 });
    expect(none.mixLabels(Float32Array.of(1, 0), 1)).toBeUndefined();
  });

  test('two that cut out are refused', () => {
    const twice = compose(randomErasing({ probability: 1 }), randomErasing({ probability: 1 }));
    expect(() => twice.draw(random())).toThrow(/randomErasing.*erased/);
  });
});

test('numbers out of range are refused by name', () => {
  expect(() => randomResizedCrop({ scale: [0.5, 2] })).toThrow(/scale of randomResizedCrop is \[0.5, 2\]/);
  expect(() => randomAffine({ scale: [2, 1] })).toThrow(/rising numbers above 0/);
  expect(() => randomHorizontalFlip(1.5)).toThrow(/probability of randomHorizontalFlip is 1.5/);
  expect(() => colorJitter({ hue: 0.6 })).toThrow(/hue of colorJitter/);
  expect(() => mixup(0)).toThrow(/alpha of mixup/);
  expect(() => compose({ name: 'no draw' } as unknown as Transform)).toThrow(/transform 0 of compose/);
});
