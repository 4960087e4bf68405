/**
 * @file Photographs of several classes through training, evaluation, prediction, checkpoints and the log.
 */

import { describe, expect, test } from 'vitest';
import { sum } from '../../src/autograd/ops.ts';
import type { Batch } from '../../src/data/data-loader.ts';
import { auc } from '../../src/judge/auc.ts';
import { confusionMatrix, macroAuc, predictedClasses } from '../../src/judge/class-metrics.ts';
import { Momentum } from '../../src/optim/momentum.ts';
import { Random } from '../../src/random.ts';
import { scope } from '../../src/tensor/scope.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import type { BatchSource } from '../../src/train/batch-source.ts';
import { checkSameTraining, type ModelConfig, takeCheckpoint } from '../../src/train/checkpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint-format.ts';
import { evaluate } from '../../src/train/evaluate.ts';
import { fit } from '../../src/train/fit.ts';
import { predict } from '../../src/train/inference.ts';
import { trainStep } from '../../src/train/step.ts';
import { testDevice } from '../support/device.ts';
import fc from '../support/fast-check.ts';
import { TinyNet } from './tiny.ts';

const SIZE = 16;
const CLASSES = 3;

/** Noise with one channel brighter, the one whose index is the label. */
function coloured(sizes: readonly number[], seed: number): BatchSource {
  const batchOf = (samples: number, index: number, random: Random): Batch => {
    const labels = Float32Array.from({ length: samples }, (_, i) => i % CLASSES);
    const images = Uint8Array.from({ length: samples * SIZE * SIZE * 3 }, (_, i) => {
      return (i % 3 === labels[Math.floor(i / (SIZE * SIZE * 3))] ? 120 : 0) + random.integer(120);
    });
    const names = Array.from({ length: samples }, (_, i) => `${index}-${i}`);
    return { images, labels, names, size: SIZE, index };
  };
  return {
    length: sizes.length,
    async *epoch(epoch, { skip = 0 } = {}) {
      for (let index = skip; index < sizes.length; index++)
        yield batchOf(sizes[index]!, index, new Random(seed, 100 * epoch + index));
    },
  };
}

async function setUp() {
  const model = new TinyNet(await testDevice(), { classDim: CLASSES });
  return { model, optimizer: new Momentum({ parameters: model.parameters(), learningRate: 0.1 }) };
}

const softmaxOf = (row: readonly number[]) => {
  const exponentials = row.map(Math.exp);
  const total = exponentials.reduce((sum, value) => sum + value);
  return exponentials.map((value) => value / total);
};

test('a network with a logit per class learns three classes by cross entropy', async () => {
  const { model, optimizer } = await setUp();
  const training = coloured([6, 6, 6], 1);
  const validation = coloured([6, 3], 2);
  const { progress } = await fit({ model, optimizer, training, validation, epochs: 6 });
  const last = progress.history.at(-1)!;
  expect(last.validation.accuracy).toBe(1);
  expect(last.validation).toMatchObject({
    auc: 1,
    confusionMatrix: [
      [3, 0, 0],
      [0, 3, 0],
      [0, 0, 3],
    ],
  });
  expect(Object.keys(last.validation)).toEqual([
    'loss',
    'accuracy',
    'weightedAccuracy',
    'auc',
    'confusionMatrix',
  ]);
});

test('evaluate and predict give a row of probabilities per photograph, which is the softmax of its logits', async () => {
  const { model } = await setUp();
  const source = coloured([4, 3], 3);
  const found = await evaluate(model, source);
  const { names, classDim, logits, probabilities } = await predict(model, source);
  expect({ names, classDim, logits, probabilities }).toEqual({
    ...{ names: found.names, classDim: found.classDim },
    ...{ logits: found.logits, probabilities: found.probabilities },
  });
  expect(classDim).toBe(CLASSES);
  const rows = names.map((_, i) => [...logits.subarray(i * CLASSES, (i + 1) * CLASSES)]);
  rows.flatMap(softmaxOf).forEach((probability, i) => {
    expect(probabilities[i]).toBeCloseTo(probability, 6);
  });
  const losses = rows.map((row, i) => -Math.log(softmaxOf(row)[found.labels[i]!]!));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value) / values.length;
  expect(found.loss).toBeCloseTo((mean(losses.slice(0, 4)) + mean(losses.slice(4))) / 2, 5);
  const hits = rows.map((row, i) => Number(row.indexOf(Math.max(...row)) === found.labels[i]));
  expect(found.weightedAccuracy).toBeCloseTo(mean(hits), 12);
  expect(found.accuracy).toBeCloseTo((mean(hits.slice(0, 4)) + mean(hits.slice(4))) / 2, 12);
  expect(found.confusionMatrix).toEqual(confusionMatrix(logits, found.labels, CLASSES));
  expect(found.confusion).toBeUndefined();
});

test('one logit gives its logits too, and a probability per photograph', async () => {
  const model = new TinyNet(await testDevice());
  const { classDim, logits, probabilities } = await predict(model, coloured([2], 1));
  expect(classDim).toBe(1);
  expect(probabilities).toHaveLength(2);
  logits.forEach((logit, i) => {
    expect(probabilities[i]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 6);
  });
});

test('a loss of the user’s own gets class indexes where the model gives a logit per class', async () => {
  const { model, optimizer } = await setUp();
  let seen: string | undefined;
  for await (const batch of coloured([2], 1).epoch(0))
    scope(model.device, () =>
      trainStep(model, optimizer, batch, {
        loss: (outputs: Tensor, targets) => {
          seen = `${targets.dtype} ${targets.shape}`;
          return sum(outputs);
        },
      }),
    );
  expect(seen).toBe('i32 2');
});

test('labels that are no class of the network are refused before anything is trained', async () => {
  const { model, optimizer } = await setUp();
  const before = await model.out.weight.tensor.data();
  for await (const batch of coloured([2], 1).epoch(0)) {
    for (const [wrong, words] of [
      [3, /sample 1 is 3, not a class from 0 to 2/],
      [-1, /sample 1 is -1, not a class/],
      [0.5, /sample 1 is 0.5, not a class/],
      [Number.NaN, /sample 1 is NaN, not a class/],
    ] as const)
      expect(() => trainStep(model, optimizer, { ...batch, labels: Float32Array.of(0, wrong) })).toThrow(
        expect.objectContaining({
          code: 'bad-data',
          message: expect.stringMatching(words),
        }),
      );
  }
  expect(await model.out.weight.tensor.data()).toEqual(before);
});

describe('class names in checkpoints', () => {
  const config: ModelConfig = { layers: 18, classDim: CLASSES, size: 32, channelOrder: 'bgr' };
  const named = { ...config, classes: ['blue', 'green', 'red'] };

  test('are kept; older checkpoints have none; a resumed training must have the same', async () => {
    const { model, optimizer } = await setUp();
    const validation = coloured([3], 2);
    const { progress } = await fit({ model, optimizer, training: validation, validation, epochs: 1 });
    for (const about of [config, named]) {
      const checkpoint = await takeCheckpoint(model, optimizer, { config: about, progress });
      expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint);
    }
    checkSameTraining({ config }, { config: named });
    expect(() =>
      checkSameTraining({ config: named }, { config: { ...named, classes: ['red', 'green', 'blue'] } }),
    ).toThrow(/with classes blue, green, red, but this one has classes red, green, blue/);
  });

  test.each([
    [1, ['one']],
    [1, ['a', 'b', 'c']],
    [3, ['a', 'b']],
    [3, ['a', 'b', 'a']],
  ])('must be as many as there are classes: classDim %d with %j', (classDim, classes) => {
    expect(() => checkSameTraining({ config }, { config: { ...config, classDim, classes } })).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
  });
});

describe('metrics of several classes', () => {
  test('the first of equal scores is predicted, and NaN above all numbers', () => {
    expect(predictedClasses([1, 1, 0, 0, 2, 2, 1, Number.NaN, 3, Number.NaN, 9, Number.NaN], 3)).toEqual([
      0, 1, 1, 0,
    ]);
  });

  test('of two classes the macro AUC is the AUC', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.boolean())), (samples) => {
        const scores = samples.map(([score]) => score / 8);
        const labels = samples.map(([, label]) => Number(label));
        const two = macroAuc(
          scores.flatMap((score) => [1 - score, score]),
          labels,
          2,
        );
        const one = auc(scores, labels);
        if (Number.isNaN(one)) expect(two).toBeNaN();
        else expect(two).toBeCloseTo(one, 12);
      }),
    );
  });

  test('each class counts alike, however many samples it has', () => {
    // Pairs of a sample of the class and another in the right order: 6 of 6, 3 of 4, 5 and a tie of 6.
    const scores = [
      ...[0.8, 0.1, 0.1],
      ...[0.7, 0.2, 0.1],
      ...[0.3, 0.4, 0.3],
      ...[0.1, 0.3, 0.6],
      ...[0.2, 0.5, 0.3],
    ];
    expect(macroAuc(scores, [0, 0, 1, 2, 2], 3)).toBeCloseTo((1 + 3 / 4 + 11 / 12) / 3, 12);
    expect(macroAuc(scores, [0, 0, 1, 1, 1], 3)).toBeNaN(); // no sample of class 2
  });

  test('refuse scores and labels that do not fit', () => {
    for (const metric of [confusionMatrix, macroAuc]) {
      expect(() => metric([1, 2, 3], [0], 2)).toThrow(/3 scores, but 1 label of 2 classes/);
      expect(() => metric([1, 2], [2], 2)).toThrow(/sample 0 is 2, not a class from 0 to 1/);
      expect(() => metric([1], [0], 1)).toThrow(/the number of classes of .* whole number of at least 2/);
    }
  });
});
