/**
 * @file Figures against scikit-learn's and SciPy's.
 */

import { describe, expect, test } from 'vitest';
import { auc, aucInterval } from '../../src/judge/auc.ts';
import { calibrationOf } from '../../src/judge/calibration.ts';
import { classFigures } from '../../src/judge/classes.ts';
import { precisionRecallCurve, rocCurve } from '../../src/judge/curves.ts';
import { meanOverFolds } from '../../src/judge/folds.ts';
import { judge } from '../../src/judge/judgement.ts';
import {
  atBestYouden,
  atOneHalf,
  atSensitivity,
  atThreshold,
  type OperatingPoint,
} from '../../src/judge/operating-point.ts';
import { bySubgroup, palmGroup } from '../../src/judge/subgroups.ts';
import { fitTemperature, scaledProbabilities } from '../../src/judge/temperature.ts';
import { FIXTURES } from './fixtures/judge.ts';

const DIGITS = 12;

function expectAll(found: readonly number[], wanted: readonly number[], digits = DIGITS): void {
  expect(found).toHaveLength(wanted.length);
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(wanted[i]!, digits);
}

function expectPoint(found: OperatingPoint, { counts, ...wanted }: (typeof FIXTURES.binary)[0]['half']) {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = found;
  expect([truePositives, falsePositives, trueNegatives, falseNegatives]).toEqual(counts);
  for (const [name, value] of Object.entries(wanted))
    expect(found[name as keyof OperatingPoint], name).toBeCloseTo(value, DIGITS);
  expect(found.youden).toBeCloseTo(wanted.sensitivity + wanted.specificity - 1, DIGITS);
}

describe.each(FIXTURES.binary)('two classes, $name, as scikit-learn has them', (fixture) => {
  const { logits, labels } = fixture;
  const probabilities = scaledProbabilities(logits, 1);

  test('AUC, its interval near that of DeLong', () => {
    expect(auc(logits, labels)).toBeCloseTo(fixture.auc, DIGITS);
    const { value, low, high } = aucInterval(logits, labels);
    expect(value).toBe(auc(logits, labels));
    // Two different estimates of one thing: within a fifth of the interval's width.
    const [least, most] = fixture.delong;
    expect(Math.abs(low - least)).toBeLessThan((most - least) / 5);
    expect(Math.abs(high - Math.min(most, 1))).toBeLessThan((most - least) / 5);
    expect(aucInterval(logits, labels, { seed: 2 })).not.toEqual(aucInterval(logits, labels));
    const narrow = aucInterval(logits, labels, { confidence: 0.5 });
    expect(narrow.high - narrow.low).toBeLessThan((high - low) / 2);
  });

  test('curves', () => {
    const roc = rocCurve(logits, labels);
    const [falsePositiveRates, sensitivities, thresholds] = fixture.roc;
    expectAll(
      roc.map(({ specificity }) => 1 - specificity),
      falsePositiveRates,
    );
    expectAll(
      roc.map(({ sensitivity }) => sensitivity),
      sensitivities,
    );
    expect(roc.map(({ threshold }) => threshold)).toEqual([Number.POSITIVE_INFINITY, ...thresholds]);
    const { points, averagePrecision } = precisionRecallCurve(logits, labels);
    const [precisions, recalls, falling] = fixture.precisionRecall;
    expectAll(
      points.map(({ precision }) => precision),
      precisions,
    );
    expectAll(
      points.map(({ recall }) => recall),
      recalls,
    );
    expect(points.map(({ threshold }) => threshold)).toEqual(falling);
    expect(averagePrecision).toBeCloseTo(fixture.averagePrecision, DIGITS);
  });

  test('operating points', () => {
    expectPoint(atOneHalf(probabilities, labels), fixture.half);
    expectPoint(atBestYouden(logits, labels), fixture.youden);
    expectPoint(atSensitivity(logits, labels, 0.9), fixture.atNinety);
  });

  test('calibration and temperature', () => {
    const { bins, expectedCalibrationError, brier } = calibrationOf(probabilities, labels);
    expect(bins.map(({ samples }) => samples)).toEqual(fixture.bins.samples);
    const filled = bins.filter(({ samples }) => samples > 0);
    expectAll(
      filled.map(({ frequency }) => frequency),
      fixture.bins.frequency,
    );
    expectAll(
      filled.map(({ meanProbability }) => meanProbability),
      fixture.bins.mean,
    );
    expect(expectedCalibrationError).toBeCloseTo(fixture.ece, DIGITS);
    expect(brier).toBeCloseTo(fixture.brier, DIGITS);
    const { temperature, lossBefore, lossAfter } = fitTemperature(logits, labels);
    expect(temperature / fixture.temperature).toBeCloseTo(1, 5);
    expectAll([lossBefore, lossAfter], fixture.loss, 10);
  });

  test('all of it at once', () => {
    const names = labels.map((_, i) => `V${i}.jpg`);
    const judgement = judge({ names, labels, logits }, { sensitivity: 0.9 });
    expect(judgement.samples).toBe(labels.length);
    expect(judgement.auc.value).toBeCloseTo(fixture.auc, DIGITS);
    expectPoint(judgement.points.half, fixture.half);
    const asProbability = (logit: number) => 1 / (1 + Math.exp(-logit));
    expectPoint(judgement.points.sensitivity, {
      ...fixture.atNinety,
      threshold: asProbability(fixture.atNinety.threshold),
    });
    expect(judgement.scaled.brier).toBe(
      calibrationOf(scaledProbabilities(logits, judgement.temperature.temperature), labels).brier,
    );
    expect(judgement.subgroups).toEqual([]);
  });
});

test('four classes, as scikit-learn has them', () => {
  const { logits, labels, ...wanted } = FIXTURES.classes;
  const names = ['a', 'b', 'c', 'd'];
  const found = classFigures(scaledProbabilities(logits, 1, 4), labels, names);
  expect(found.classes.map(({ name }) => name)).toEqual(names);
  expect(found.accuracy).toBeCloseTo(wanted.accuracy, DIGITS);
  for (const figure of ['precision', 'recall', 'f1', 'auc'] as const)
    expectAll(
      found.classes.map((each) => each[figure]),
      wanted[figure],
    );
  expect(found.classes.map(({ samples }) => samples)).toEqual(wanted.support);
  expect(found.confusion).toEqual(wanted.confusion);
  expect(found.macro.auc).toBeCloseTo(wanted.macroAuc, DIGITS);
  expect(found.macro.f1).toBeCloseTo(wanted.macroF1, DIGITS);
  const { temperature, lossBefore, lossAfter } = fitTemperature(logits, labels, 4);
  expect(temperature / wanted.temperature).toBeCloseTo(1, 5);
  expectAll([lossBefore, lossAfter], wanted.loss, 10);
});

test('means over folds, as NumPy has them', () => {
  const { values, mean, deviation } = FIXTURES.folds;
  const { auc } = meanOverFolds(values.map((value) => ({ auc: value })));
  expectAll([auc.mean, auc.deviation], [mean, deviation]);
  expect(meanOverFolds([{ auc: 0.9 }]).auc).toEqual({ mean: 0.9, deviation: Number.NaN, values: [0.9] });
  expect(meanOverFolds([])).toEqual({});
  const uneven: Record<string, number>[] = [{ auc: 0.9 }, { loss: 1 }];
  expect(() => meanOverFolds(uneven)).toThrow(/auc of meanOverFolds .* a number in each of the trainings/);
});

test('subgroups by the names of files', () => {
  const names = ['P0001.jpg', 'x/h12.PNG', 'N3.jpeg', 'V4.jpg', 'Park.jpg', 'H13.jpg', 'a\\P5.jpg'];
  expect(names.map(palmGroup)).toEqual([
    'P, pathologic myopia',
    'H, high myopia',
    'N, normal',
    undefined,
    undefined,
    'H, high myopia',
    'P, pathologic myopia',
  ]);
  const groups = bySubgroup(names, [0.9, 0.6, 0.1, 0.4, 0.4, 0.2, 0.3], [1, 0, 0, 1, 1, 0, 1]);
  expect(groups.map(({ group, samples, positives }) => [group[0], samples, positives])).toEqual([
    ['H', 2, 0],
    ['N', 1, 0],
    ['P', 2, 2],
  ]);
  expect(groups[0]).toMatchObject({ specificity: 0.5, sensitivity: Number.NaN, auc: Number.NaN });
  expect(groups[2]).toMatchObject({ specificity: Number.NaN, sensitivity: 0.5, accuracy: 0.5 });
  const [all] = bySubgroup(['a', 'b'], [0.2, 0.8], [0, 1], () => 'all');
  expect(all).toMatchObject({ group: 'all', auc: 1 });
});

describe('input on the edge', () => {
  test('nothing at all', () => {
    expect(rocCurve([], [])).toEqual([
      { threshold: Number.POSITIVE_INFINITY, sensitivity: Number.NaN, specificity: Number.NaN },
    ]);
    expect(precisionRecallCurve([], [])).toEqual({ points: [], averagePrecision: Number.NaN });
    expect(aucInterval([], []).low).toBeNaN();
    expect(calibrationOf([], []).brier).toBeNaN();
    expect(fitTemperature([], []).temperature).toBeNaN();
    expect(atOneHalf([], []).f1).toBeNaN();
    expect(bySubgroup([], [], [])).toEqual([]);
    expect(classFigures([], [], ['a', 'b'])).toMatchObject({ accuracy: Number.NaN });
    expect(() => judge({ names: [], labels: [], logits: [] })).toThrow(/nothing to judge/);
  });

  test.each([0, 1])('one sample of class %d', (label) => {
    const { auc, points, roc, temperature } = judge({ names: ['a'], labels: [label], logits: [2] });
    expect([auc.value, auc.low, auc.high]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(points.half.accuracy).toBe(label);
    expect(points.youden.threshold).toBe(Number.POSITIVE_INFINITY);
    expect(points.sensitivity.threshold).toBe(
      label === 1 ? 1 / (1 + Math.exp(-2)) : Number.POSITIVE_INFINITY,
    );
    expect(roc.at(-1)).toMatchObject(label === 1 ? { sensitivity: 1 } : { specificity: 0 });
    expect(temperature.temperature).toBeCloseTo(label === 1 ? 0.01 : 100, 6);
  });

  test('classes apart: every figure is perfect, and the interval a point', () => {
    const judgement = judge({ names: ['a', 'b', 'c'], labels: [0, 1, 1], logits: [-1, 1, 2] });
    expect(judgement.auc).toEqual({ value: 1, low: 1, high: 1, confidence: 0.95 });
    expect(judgement.precisionRecall.averagePrecision).toBe(1);
    for (const point of Object.values(judgement.points)) expect(point).toMatchObject({ youden: 1, f1: 1 });
    expect(judgement.temperature.temperature).toBeCloseTo(0.01, 6);
  });

  test('all scores alike', () => {
    expect(auc([3, 3, 3], [0, 1, 1])).toBe(0.5);
    expect(rocCurve([3, 3, 3], [0, 1, 1])).toHaveLength(2);
    expect(atBestYouden([3, 3, 3], [0, 1, 1]).threshold).toBe(Number.POSITIVE_INFINITY);
    expect(atSensitivity([3, 3, 3], [0, 1, 1], 0.1)).toMatchObject({ sensitivity: 1, specificity: 0 });
    expect(atSensitivity([3, 3, 3], [0, 1, 1], 0)).toMatchObject({ sensitivity: 0, specificity: 1 });
  });

  test('exactly one half is class 0 at one half, and positive at a threshold of it', () => {
    expect(atOneHalf([0.5], [1])).toMatchObject({ threshold: 0.5, falseNegatives: 1 });
    expect(atThreshold([0.5], [1], 0.5)).toMatchObject({ truePositives: 1 });
  });

  test('a share that is reached exactly is enough, though its product with the positives is not whole', () => {
    const labels = Array.from({ length: 100 }, () => 1);
    expect(atSensitivity([...labels.keys()], labels, 0.07)).toMatchObject({ truePositives: 7 });
  });

  test('a class that nobody has is left out of the means', () => {
    const { classes, macro } = classFigures([0.9, 0.1, 0, 0.2, 0.8, 0], [0, 1], ['a', 'b', 'none']);
    expect(classes[2]).toEqual({
      ...{ name: 'none', samples: 0, predicted: 0 },
      ...{ precision: Number.NaN, recall: Number.NaN, f1: Number.NaN, auc: Number.NaN },
    });
    expect(macro).toEqual({ precision: 1, recall: 1, f1: 1, auc: Number.NaN });
  });

  test('huge logits', () => {
    const { lossBefore, temperature } = fitTemperature([1e4, -1e4, 1e4], [1, 0, 0]);
    expect(lossBefore).toBeCloseTo(1e4 / 3, 6);
    expect(temperature).toBeCloseTo(100, 6);
    expect([...scaledProbabilities([1e4, 0, -1e4, 0], 1, 2)]).toEqual([1, 0, 0, 1]);
  });

  const NAN = Number.NaN;
  test.each([
    ['NaN among scores', () => rocCurve([NAN], [1]), 'bad-data', /sample 0 is NaN/],
    ['NaN among logits', () => fitTemperature([NAN], [1]), 'bad-data', /logit 0 is NaN/],
    ['a label of two', () => aucInterval([1], [2]), 'bad-data', /sample 0 is 2, not 0 or 1/],
    ['a probability of two', () => calibrationOf([2], [1]), 'bad-data', /between 0 and 1/],
    ['a class that there is not', () => classFigures([1, 0], [2], ['a', 'b']), 'bad-data', /from 0 to 1/],
    ['rows cut short', () => fitTemperature([1, 2, 3], [0], 2), 'shape-mismatch', /no whole rows of 2/],
    ['too few labels', () => fitTemperature([1, 2, 3, 4], [0], 2), 'shape-mismatch', /but 1 label\./],
    ['too few names', () => bySubgroup([], [0.5], [1]), 'shape-mismatch', /0 names, but 1 label:/],
    ['one class', () => classFigures([1], [0], ['a']), 'invalid-argument', /two classes at least/],
    ['no threshold', () => atThreshold([1], [1], NAN), 'invalid-argument', /threshold of atThreshold/],
    ['more than all', () => atSensitivity([1], [1], 1.5), 'invalid-argument', /from 0 to 1/],
  ] as const)('refuses %s', (_, act, code, message) => {
    expect(act).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });
});
