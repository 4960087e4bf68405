import { expect, test } from 'vitest';
import { SlowSteps } from '../../../app/src/train/slow-steps.ts';

const NOTHING = { compiled: 0, reopened: false };
const time = (seconds: number, waited = 0) => ({ seconds, waited, samples: 10 });

/** Has watched `count` steps of `seconds` each. */
function watched(count: number, seconds = 1): SlowSteps {
  const steps = new SlowSteps();
  for (let step = 1; step <= count; step++) expect(steps.add(step, time(seconds), NOTHING)).toBeUndefined();
  return steps;
}

test('nothing is usual before five steps, and none of them is slow', () => {
  const steps = watched(4);
  expect(steps.usual).toBeUndefined();
  expect(steps.add(5, time(100), NOTHING)).toBeUndefined();
  expect(steps.usual).toBe(1);
});

test('a slow step is told by its number, and does not change what is usual', () => {
  const steps = watched(10);
  const slow = { step: 11, seconds: 3, usual: 1, reason: 'unknown' };
  for (let again = 0; again < 30; again++) expect(steps.add(11, time(3), NOTHING)).toEqual(slow);
  expect(steps.usual).toBe(1);
});

test.each([
  ['2.5 times what is usual is not slow', 1, 2.5],
  ['nor is a quarter of a second more', 0.01, 0.26],
])('%s', (_, usual, seconds) => {
  const steps = watched(5, usual);
  expect(steps.add(6, time(seconds), NOTHING)).toBeUndefined();
  expect(steps.add(7, time(seconds * 1.01), NOTHING)).toMatchObject({ step: 7 });
});

test('what is usual is the middle of the last twenty steps', () => {
  const steps = watched(20);
  for (let step = 21; step <= 30; step++) steps.add(step, time(2), NOTHING);
  expect(steps.usual).toBe(2);
  expect(steps.add(31, time(4), NOTHING)).toBeUndefined();
});

test.each([
  ['reopened', { compiled: 3, reopened: true }, 5],
  ['decoding', { compiled: 3, reopened: false }, 2.6],
  ['compiled', { compiled: 3, reopened: false }, 2.4],
  ['unknown', NOTHING, 2.4],
])('the reason is: %s', (reason, circumstances, waited) => {
  expect(watched(5).add(6, time(6, waited), circumstances)?.reason).toBe(reason);
});
