import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'jpeg-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { drawFundus } from '../../src/data/synth/draw.ts';
import { createNoise } from '../../src/data/synth/noise.ts';
import { type SyntheticFile, syntheticFiles } from '../../src/data/synth/synthetic-files.ts';
import { writeSyntheticDataset } from '../../src/data/synth.ts';
import { Random } from '../../src/random.ts';

describe('drawFundus', () => {
  const size = 96;

  it('gives the same photograph for the same state, another for another', () => {
    const draw = (seed: number) => drawFundus(new Random(seed), 'P', size);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1).rgb).not.toEqual(draw(2).rgb);
  });

  it('draws a retina, more red than green than blue, in a round field on black', () => {
    for (const kind of ['H', 'N', 'P'] as const) {
      const { rgb, fovea } = drawFundus(new Random(3), kind, size);
      const mean = [0, 1, 2].map((channel) => {
        const values = rgb.filter((_, i) => i % 3 === channel);
        return values.reduce((sum, value) => sum + value, 0) / values.length;
      });
      expect(mean[0]).toBeGreaterThan(mean[1]!);
      expect(mean[1]).toBeGreaterThan(mean[2]!);
      expect(mean[0]).toBeGreaterThan(40);
      for (const corner of [0, size - 1, size * (size - 1), size * size - 1]) {
        expect([...rgb.subarray(3 * corner, 3 * corner + 3)]).toEqual([0, 0, 0]);
      }
      expect(fovea.x).toBeGreaterThan(0);
      expect(fovea.x).toBeLessThan(size);
    }
  });

  it('darkens the fovea where it says it lies, in left and right eyes', () => {
    const sides = new Set<boolean>();
    for (let seed = 0; seed < 12; seed++) {
      const { rgb, fovea } = drawFundus(new Random(seed), 'N', size);
      const brightness = (x: number, y: number) => {
        let sum = 0;
        for (let dy = -2; dy <= 2; dy++) {
          for (let dx = -2; dx <= 2; dx++)
            sum += rgb[3 * ((Math.floor(y) + dy) * size + Math.floor(x) + dx)]!;
        }
        return sum;
      };
      const around = [-1, 1].flatMap((side) => [
        brightness(fovea.x + side * 0.17 * size, fovea.y),
        brightness(fovea.x, fovea.y + side * 0.17 * size),
      ]);
      const mean = around.reduce((sum, value) => sum + value, 0) / around.length;
      expect(brightness(fovea.x, fovea.y), `seed ${seed}`).toBeLessThan(0.95 * mean);
      sides.add(fovea.x > size / 2);
    }
    expect(sides.size).toBe(2);
  });

  it('shows more pale area in pathologic eyes', () => {
    const palePixels = (kind: 'N' | 'P') => {
      let count = 0;
      for (let seed = 0; seed < 8; seed++) {
        const { rgb } = drawFundus(new Random(seed), kind, size);
        for (let i = 0; i < rgb.length; i += 3) if (rgb[i]! > 130 && rgb[i + 1]! > 0.7 * rgb[i]!) count++;
      }
      return count;
    };
    expect(palePixels('P')).toBeGreaterThan(3 * palePixels('N'));
  });
});

describe('createNoise', () => {
  it('is continuous, zero on the lattice, and repeats along x', () => {
    const noise = createNoise(5, 7);
    expect(noise(3, -2)).toBeCloseTo(0, 12);
    for (let x = 0.05; x < 7; x += 0.31) {
      expect(noise(x + 7, 1.4)).toBeCloseTo(noise(x, 1.4), 9);
      expect(noise(x - 7, 1.4)).toBeCloseTo(noise(x, 1.4), 9);
      expect(Math.abs(noise(x + 1e-4, 1.4) - noise(x, 1.4))).toBeLessThan(1e-3);
    }
  });
});

describe('writeSyntheticDataset', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fovea-synth-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const options = { training: 8, validation: 5, size: 64, seed: 7 };

  it("writes iChallenge-PM's layout", async () => {
    await writeSyntheticDataset(folder, options);
    expect((await readdir(folder)).sort()).toEqual(['PALM-Training400', 'PALM-Validation400', 'labels.csv']);
    expect((await readdir(join(folder, 'PALM-Training400'))).sort()).toEqual(
      ['H0001', 'N0001', 'N0002', 'N0003', 'P0001', 'P0002', 'P0003', 'P0004'].map((name) => `${name}.jpg`),
    );
    const names = ['V0001.jpg', 'V0002.jpg', 'V0003.jpg', 'V0004.jpg', 'V0005.jpg'];
    expect((await readdir(join(folder, 'PALM-Validation400'))).sort()).toEqual(names);
    const [header, ...lines] = (await readFile(join(folder, 'labels.csv'), 'utf8')).trimEnd().split('\n');
    expect(header).toBe('ID,imgName,Label,Fovea_X,Fovea_Y');
    expect(lines.map((line) => line.split(',')[1])).toEqual(names);
    for (const line of lines) expect(line).toMatch(/^\d,V000\d\.jpg,[01],\d+\.\d\d,\d+\.\d\d$/);
    expect(lines.filter((line) => line.split(',')[2] === '1')).toHaveLength(2);
    const photo = decode(await readFile(join(folder, 'PALM-Validation400', 'V0001.jpg')));
    expect([photo.width, photo.height]).toEqual([64, 64]);
  });

  it('writes what is drawn', async () => {
    await writeSyntheticDataset(folder, { ...options, training: 2, validation: 1 });
    const { rgb } = drawFundus(new Random(options.seed), 'P', options.size);
    const { data } = decode(await readFile(join(folder, 'PALM-Training400', 'P0001.jpg')), {
      formatAsRGBA: false,
    });
    expect(data).toHaveLength(rgb.length);
    const difference = rgb.reduce((sum, value, i) => sum + Math.abs(value - data[i]!), 0) / rgb.length;
    // A JPEG is near, and a black photograph would be some 40 away.
    expect(difference).toBeLessThan(8);
  });

  it('writes the same bytes for the same seed, and the same photographs into a larger set', async () => {
    const [one, two] = [join(folder, 'one'), join(folder, 'two')];
    await writeSyntheticDataset(one, options);
    await writeSyntheticDataset(two, options);
    for (const name of ['labels.csv', 'PALM-Training400/P0002.jpg', 'PALM-Validation400/V0003.jpg']) {
      expect(await readFile(join(one, name)), name).toEqual(await readFile(join(two, name)));
    }
  });

  it('does not touch a folder that holds photographs', async () => {
    await writeSyntheticDataset(folder, options);
    await expect(writeSyntheticDataset(folder, options)).rejects.toMatchObject({
      code: 'invalid-argument',
      message: expect.stringMatching(/already holds 8 files/),
    });
  });
});

describe('syntheticFiles', () => {
  const drawn = async () => {
    const files: SyntheticFile[] = [];
    for await (const file of syntheticFiles({ training: 2, validation: 1, size: 16 })) files.push(file);
    return files;
  };

  it('gives the same bytes where there is no Buffer, as in browsers, and leaves none behind', async () => {
    const inNode = await drawn();
    vi.stubGlobal('Buffer', undefined);
    try {
      expect(await drawn()).toEqual(inNode);
      expect(globalThis.Buffer).toBeUndefined();
    } finally {
      vi.unstubAllGlobals();
    }
    expect(inNode.map(({ path }) => path)).toEqual([
      'PALM-Training400/P0001.jpg',
      'PALM-Training400/N0001.jpg',
      'PALM-Validation400/V0001.jpg',
      'labels.csv',
    ]);
  });
});
