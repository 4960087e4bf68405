import { describe, expect, it } from 'vitest';
import { auc } from '../../src/judge/auc.ts';
import { BatchMean, binaryAccuracy, confusion, predictedClass } from '../../src/train/metrics.ts';
import fc from '../support/fast-check.ts';

describe('predictedClass', () => {
  it('gives class 1 only above one half, in f32', () => {
    expect(predictedClass(0.5)).toBe(0);
    expect(predictedClass(0.5 + 2 ** -24)).toBe(1);
    // Above one half in f64, but not once it is an f32.
    expect(predictedClass(0.5 + 2 ** -40)).toBe(0);
    expect(predictedClass(0.5 - 2 ** -25)).toBe(0);
    expect([0, 1].map(predictedClass)).toEqual([0, 1]);
  });

  it.each([Number.NaN, -0.1, 1.1, Number.POSITIVE_INFINITY])('does not tell a class from %d', (value) => {
    expect(() => predictedClass(value)).toThrow(/a probability must lie between 0 and 1/);
    expect(() => confusion([0.1, value], [0, 0])).toThrow(/a probability must lie between 0 and 1/);
    expect(() => binaryAccuracy([value], [0])).toThrow(expect.objectContaining({ code: 'bad-data' }));
  });
});

describe('confusion and accuracy', () => {
  const probabilities = [0.9, 0.8, 0.4, 0.6, 0.1, 0.5, 0.2];
  const labels = [1, 1, 1, 0, 0, 0, 0];

  it('count the four cases', () => {
    expect(confusion(probabilities, labels)).toEqual({
      truePositives: 2,
      falsePositives: 1,
      trueNegatives: 3,
      falseNegatives: 1,
      sensitivity: 2 / 3,
      specificity: 3 / 4,
    });
    expect(binaryAccuracy(probabilities, labels)).toBe(5 / 7);
  });

  it('are NaN where they are not defined', () => {
    expect(confusion([0.1], [0])).toMatchObject({ sensitivity: Number.NaN, specificity: 1 });
    expect(confusion([0.9], [1])).toMatchObject({ sensitivity: 1, specificity: Number.NaN });
    expect(binaryAccuracy([], [])).toBeNaN();
  });

  it('refuse lists that do not fit and labels that are not 0 or 1', () => {
    for (const metric of [binaryAccuracy, confusion, auc]) {
      expect(() => metric([0.1, 0.2], [1])).toThrow(
        expect.objectContaining({
          code: 'shape-mismatch',
          message: expect.stringContaining('2 predictions, but 1 label:'),
        }),
      );
      expect(() => metric([0.1], [1, 0])).toThrow(/1 prediction, but 2 labels/);
      for (const label of [2, -1, 0.5, Number.NaN]) {
        expect(() => metric([0.1, 0.2], [1, label])).toThrow(
          expect.objectContaining({
            code: 'bad-data',
            message: expect.stringContaining(`sample 1 is ${label}`),
          }),
        );
      }
    }
  });
});

describe('auc', () => {
  it('is 1 for scores that separate the classes, 0 for the reverse, one half for ties', () => {
    expect(auc([1, 2, 3, 4], [0, 0, 1, 1])).toBe(1);
    expect(auc([4, 3, 2, 1], [0, 0, 1, 1])).toBe(0);
    expect(auc([7, 7, 7, 7], [0, 1, 1, 1])).toBe(0.5);
  });

  it('is NaN without both classes or with a NaN among the scores', () => {
    expect(auc([1, 2], [1, 1])).toBeNaN();
    expect(auc([1, Number.NaN, 2], [0, 1, 1])).toBeNaN();
  });

  it('is the share of pairs in the right order', () => {
    const sample = fc.record({
      score: fc.integer({ min: -3, max: 3 }),
      label: fc.integer({ min: 0, max: 1 }),
    });
    fc.assert(
      fc.property(fc.array(sample), (samples) => {
        let right = 0;
        let pairs = 0;
        for (const positive of samples.filter(({ label }) => label === 1)) {
          for (const negative of samples.filter(({ label }) => label === 0)) {
            right += positive.score > negative.score ? 1 : positive.score === negative.score ? 0.5 : 0;
            pairs++;
          }
        }
        const area = auc(
          samples.map(({ score }) => score),
          samples.map(({ label }) => label),
        );
        if (pairs === 0) expect(area).toBeNaN();
        else expect(area).toBeCloseTo(right / pairs, 12);
      }),
    );
  });
});

describe('BatchMean', () => {
  it('has the mean over batches and the one over samples', () => {
    const mean = new BatchMean();
    mean.add(1, 10);
    mean.add(0.5, 10);
    mean.add(0, 5);
    expect(mean.mean).toBe(0.5);
    expect(mean.weightedMean).toBe(0.6);
  });

  it('goes on from the sums of another', () => {
    const whole = new BatchMean();
    const first = new BatchMean();
    for (const mean of [whole, first]) mean.add(1, 10);
    const rest = new BatchMean(first.state);
    for (const mean of [whole, rest]) mean.add(0.25, 4);
    expect(first.state).toEqual({ batches: 1, samples: 10, sum: 1, weightedSum: 10 });
    expect(rest.state).toEqual(whole.state);
    expect([rest.mean, rest.weightedMean]).toEqual([0.625, 11 / 14]);
  });

  it('refuses a batch without samples, and counts it nowhere', () => {
    const mean = new BatchMean();
    mean.add(1, 1);
    const { state } = mean;
    expect(() => mean.add(1, 0)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    expect(mean.state).toEqual(state);
  });

  it('is NaN before the first batch', () => {
    expect(new BatchMean().mean).toBeNaN();
    expect(new BatchMean().weightedMean).toBeNaN();
  });
});
