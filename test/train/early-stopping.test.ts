import { expect, test } from 'vitest';
import { type EarlyStoppingOptions, stopsEarly } from '../../src/train/early-stopping.ts';
import { fit } from '../../src/train/fit.ts';
import { testDevice } from '../support/device.ts';
import { noise, tinyTraining } from './tiny.ts';

/** After how many of these losses it is over; undefined where it never is. */
function endOf(losses: readonly number[], options: EarlyStoppingOptions, monitor = 'loss') {
  const history = losses.map((loss) => ({ validation: { [monitor]: loss } }));
  return losses.map((_, i) => i + 1).find((count) => stopsEarly(history.slice(0, count), options, monitor));
}

test('ends after as many validations as patience says, counted from the best', () => {
  expect(endOf([3, 2, 2.5, 2, 1, 4, 4, 4], { patience: 3 })).toBe(8);
  expect(endOf([3, 2, 2.5, 2, 1, 4, 4, 4], { patience: 2 })).toBe(4);
  expect(endOf([3, 2, 1], { patience: 1 })).toBeUndefined();
  expect(endOf([], { patience: 1 })).toBeUndefined();
});

test('minDelta is what better means, also for a slow improvement', () => {
  const slow = [1, 0.95, 0.9, 0.85];
  expect(endOf(slow, { patience: 2, minDelta: 0.1 })).toBe(3);
  expect(endOf(slow, { patience: 2, minDelta: 0.04 })).toBeUndefined();
});

test('figures that grow with quality are known, others are told', () => {
  expect(endOf([0.7, 0.8, 0.75, 0.9, 0.9, 0.9], { patience: 2 }, 'auc')).toBe(6);
  expect(endOf([1, 2, 3], { patience: 2, mode: 'max' }, 'f1')).toBeUndefined();
  expect(endOf([1, 2, 3], { patience: 2, monitor: 'loss' }, 'loss')).toBe(3);
});

test('NaN is no better than any figure, first or last', () => {
  expect(endOf([Number.NaN, Number.NaN], { patience: 2 })).toBe(2);
  expect(endOf([Number.NaN, 1, 2, Number.NaN], { patience: 2 })).toBe(4);
});

test('fit says why it ended, resumed it ends at once, and more patience goes on', async () => {
  const device = await testDevice();
  const options = {
    ...tinyTraining(device),
    training: noise([4], 1),
    validation: noise([4], 2),
    epochs: 5,
    // Nothing is so much better that it counts, but the first.
    earlyStopping: { patience: 2, minDelta: 1e6 },
  };
  const { reason, progress } = await fit(options);
  expect(reason).toBe('early-stopping');
  expect(progress).toMatchObject({ epoch: 3, batch: 0 });
  expect(await fit({ ...options, start: progress })).toEqual({ reason, progress });
  const patient = await fit({ ...options, start: progress, earlyStopping: { patience: 3, minDelta: 1e6 } });
  expect(patient).toMatchObject({ reason: 'early-stopping', progress: { epoch: 4 } });
  const finished = await fit({ ...options, start: progress, earlyStopping: { patience: 9 } });
  expect(finished).toMatchObject({ reason: 'finished', progress: { epoch: 5 } });
});

test('refuses what it cannot watch', async () => {
  const options = {
    ...tinyTraining(await testDevice()),
    training: noise([4], 1),
    validation: noise([4], 2),
    epochs: 2,
  };
  const error = (earlyStopping: EarlyStoppingOptions) =>
    fit({ ...options, earlyStopping }).catch((e) => e.message);
  expect(await error({ patience: 0 })).toMatch(/patience of earlyStopping of fit is 0/);
  expect(await error({ patience: 1, monitor: 'f1' })).toMatch(/watches 'f1' and must be told its mode/);
  expect(await error({ patience: 1, monitor: 'f1', mode: 'max' })).toMatch(
    /the figure f1 of a validation.*undefined/,
  );
});
