import { expect, test } from 'vitest';
import type { TrainSettings } from '../../../app/src/train/settings.ts';
import { type KnownPace, secondsLeft } from '../../../app/src/train/time-left.ts';

const settings: TrainSettings = {
  ...{ recipe: 'original', layers: 18, size: 32, batchSize: 10, epochs: 5, learningRate: 0.01 },
  ...{ seed: 1, maxSteps: 0, saveEvery: 60 },
};
/** Four steps a round, the last of five photographs; a step takes two seconds. */
const known: KnownPace = {
  ...{ settings, photographs: 35, stepsDone: 0, roundsDone: 0, rate: 5, validationSeconds: undefined },
};

test('before a validation was timed, only steps count', () => {
  expect(secondsLeft(known)).toBe(20 * 2);
});

test('then each round has its validation', () => {
  expect(secondsLeft({ ...known, stepsDone: 6, roundsDone: 1, validationSeconds: 3 })).toBe(14 * 2 + 4 * 3);
});

test('a training that ends within a round is validated then', () => {
  const short = { ...known, settings: { ...settings, maxSteps: 6 }, validationSeconds: 3 };
  expect(secondsLeft(short)).toBe(6 * 2 + 2 * 3);
  expect(secondsLeft({ ...short, stepsDone: 5, roundsDone: 1 })).toBe(2 + 3);
  expect(secondsLeft({ ...short, stepsDone: 6, roundsDone: 2 })).toBe(0);
});
