import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { foldSamples, splitSamples } from '../../src/data/node/sample-files.ts';
import type { Sample } from '../../src/data/sample.ts';
import fc from '../support/fast-check.ts';
import { temporaryFolder } from './fixtures.ts';

/** Samples whose bytes nobody can read, so that no two are identical; `counts` of each class. */
const samplesOf = (...counts: readonly number[]): Sample[] =>
  counts.flatMap((count, label) =>
    Array.from({ length: count }, (_, i) => ({ name: `${label}-${i}`, path: `none/${label}-${i}`, label })),
  );
const countsOf = (samples: readonly Sample[], classes: number): number[] =>
  Array.from({ length: classes }, (_, label) => samples.filter((sample) => sample.label === label).length);
const namesOf = (samples: readonly Sample[]) => samples.map(({ name }) => name);

describe('splitSamples', () => {
  test('sets aside the same share of each class, in the order of the samples', async () => {
    const samples = samplesOf(10, 5, 40);
    const { training, validation } = await splitSamples(samples, { share: 0.2, seed: 3 });
    expect(countsOf(validation, 3)).toEqual([2, 1, 8]);
    expect(countsOf(training, 3)).toEqual([8, 4, 32]);
    for (const set of [training, validation])
      expect(set).toEqual(samples.filter((sample) => set.includes(sample)));
    expect(new Set([...training, ...validation]).size).toBe(samples.length);
  });

  test('depends on the seed alone', async () => {
    const choice = async (seed?: number) => {
      const options = seed === undefined ? { share: 0.3 } : { share: 0.3, seed };
      return namesOf((await splitSamples(samplesOf(20, 20), options)).validation);
    };
    expect(await choice(1)).toEqual(await choice(1));
    expect(await choice()).toEqual(await choice(0));
    expect(await choice(2)).not.toEqual(await choice(1));
  });

  test('leaves at least one of each class on both sides', async () => {
    for (const share of [0.001, 0.999]) {
      const { training, validation } = await splitSamples(samplesOf(2, 3), { share });
      expect(Math.min(...countsOf(training, 2), ...countsOf(validation, 2))).toBe(1);
    }
  });

  test('refuses a class that cannot be parted, and no samples', async () => {
    await expect(
      splitSamples(samplesOf(5, 1), { share: 0.2, classes: ['cat', 'dog'] }),
    ).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringMatching(/Class dog has 1 different photograph, but/),
    });
    await expect(splitSamples([], { share: 0.2 })).rejects.toMatchObject({ code: 'bad-data' });
    for (const share of [0, 1, Number.NaN])
      await expect(splitSamples(samplesOf(5, 5), { share })).rejects.toMatchObject({
        code: 'invalid-argument',
      });
  });
});

describe('foldSamples', () => {
  test('spreads each class over the folds, and every sample is validated on once', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 5, max: 23 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 2, max: 5 }),
        fc.nat(),
        async (counts, folds, seed) => {
          const samples = samplesOf(...counts);
          const splits = await foldSamples(samples, { folds, seed });
          expect(splits).toHaveLength(folds);
          const validated = splits.flatMap(({ validation }) => validation);
          expect(namesOf(validated).sort()).toEqual(namesOf(samples).sort());
          for (const { training, validation } of splits) {
            expect(training.length + validation.length).toBe(samples.length);
            counts.forEach((count, label) => {
              const own = countsOf(validation, counts.length)[label]!;
              expect([Math.floor(count / folds), Math.ceil(count / folds)]).toContain(own);
            });
          }
          const sizes = splits.map(({ validation }) => validation.length);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 30 },
    ));

  test('refuses more folds than a class has photographs', async () => {
    await expect(foldSamples(samplesOf(5, 4), { folds: 5 })).rejects.toThrow(
      /Class 1 has 4 different photographs, but for 5 folds it takes at least 5/,
    );
  });
});

describe('what belongs together', () => {
  test('copies of one file and groups that were given are on one side, also where they share a member', async () => {
    const folder = await temporaryFolder();
    const samples = await Promise.all(
      Array.from({ length: 24 }, async (_, i): Promise<Sample> => {
        const path = join(folder, `${i}`);
        // 0, 1, 2 are copies, as are 20 and 21; 2 and 3 are said to belong together.
        await writeFile(path, i < 3 ? 'aaa' : i === 20 || i === 21 ? 'bbb' : `c${i}`);
        return { name: `${i}`, path, label: i % 2 };
      }),
    );
    const together = [[samples[2]!, samples[3]!]];
    for (let seed = 0; seed < 6; seed++) {
      const splits = [
        await splitSamples(samples, { share: 0.3, seed, together }),
        ...(await foldSamples(samples, { folds: 3, seed, together })),
      ];
      for (const { validation } of splits) {
        const inside = samples.map((sample) => validation.includes(sample));
        expect(new Set(inside.slice(0, 4)).size).toBe(1);
        expect(inside[20]).toBe(inside[21]);
      }
    }
  });

  test('a sample given twice stays with itself', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'a');
    await writeFile(path, 'a');
    const twice = [0, 1].map((i) => ({ name: `twice-${i}`, path, label: 0 }));
    const splits = await foldSamples([...samplesOf(4, 4), ...twice], { folds: 2 });
    for (const { validation } of splits)
      expect([0, 2]).toContain(validation.filter(({ name }) => name.startsWith('twice')).length);
  });

  test('a group of samples that are not divided is refused', async () => {
    const [stranger] = samplesOf(1);
    await expect(
      splitSamples(samplesOf(4, 4), { share: 0.5, together: [[stranger!, stranger!]] }),
    ).rejects.toThrow(/together has '0-0', which is not among the samples/);
  });
});
