import { expect, test } from 'vitest';
import { Random } from '../../src/random.ts';
import { race } from '../../src/tune/race.ts';

const rules = { incumbent: 'incumbent', error: 0, isStopped: () => false };

/** A contestant that takes `times` in turn, the last of them from then on. */
function contestant(name: string, ...times: number[]) {
  let samples = 0;
  return {
    name,
    sample: () => Promise.resolve(times[Math.min(samples++, times.length - 1)]!),
    count: () => samples,
  };
}

test('the fastest wins, with what was measured of all', async () => {
  const incumbent = contestant('incumbent', 10);
  const result = await race([incumbent, contestant('a', 8), contestant('b', 7)], rules);
  expect(result?.winner).toBe('b');
  expect(result?.timings.get('a')).toEqual({ milliseconds: 8, interval: [8, 8] });
  expect(incumbent.count()).toBe(7);
});

test('what is hopeless is measured once, what is slower three times, and no more than decides', async () => {
  const [incumbent, slower, hopeless] = [contestant('incumbent', 5), contestant('a', 6), contestant('b', 11)];
  expect((await race([hopeless, incumbent, slower], rules))?.winner).toBe('incumbent');
  expect([incumbent, slower, hopeless].map(({ count }) => count())).toEqual([3, 3, 1]);
});

test('a gain within the noise changes nothing', async () => {
  const noisy = [contestant('incumbent', 10, 12, 11, 10, 12), contestant('a', 9, 11, 12, 9, 13)];
  expect((await race(noisy, rules))?.winner).toBe('incumbent');
});

test('nor does one within the error of the clock', async () => {
  const pair = () => [contestant('incumbent', 1.03), contestant('a', 1)];
  expect((await race(pair(), { ...rules, error: 0.02 }))?.winner).toBe('incumbent');
  expect((await race(pair(), { ...rules, error: 0.01 }))?.winner).toBe('a');
});

test('a single hiccup decides nothing', async () => {
  const hit = [contestant('incumbent', 10), contestant('a', 8, 8, 15, 8)];
  expect((await race(hit, rules))?.winner).toBe('a');
  const beginning = [contestant('incumbent', 100, 10), contestant('a', 11)];
  expect((await race(beginning, rules))?.winner).toBe('incumbent');
});

test('a machine that is slow for a while is no noise of one of them', async () => {
  const load = [1, 1, 3, 1.2, 5, 2, 1, 1.5];
  const loaded = (name: string, time: number) => contestant(name, ...load.map((factor) => factor * time));
  expect((await race([loaded('incumbent', 10), loaded('a', 9)], rules))?.winner).toBe('a');
});

test('of equals the incumbent nearly always stays, and a real gain is nearly always seen', async () => {
  const random = new Random(11);
  const noisy = (name: string, time: number) => ({
    name,
    sample: () => Promise.resolve(time * (1 + 0.05 * random.normal())),
  });
  const wins = async (time: number) => {
    const races = Array.from({ length: 300 }, () => race([noisy('incumbent', 10), noisy('a', time)], rules));
    return (await Promise.all(races)).filter((result) => result?.winner === 'a').length;
  };
  expect(await wins(10)).toBeLessThan(9);
  expect(await wins(8.5)).toBeGreaterThan(280);
});

test('an incumbent that is no contestant stands in nobody’s way', async () => {
  expect((await race([contestant('a', 3), contestant('b', 2)], rules))?.winner).toBe('b');
  expect((await race([contestant('a', 3)], rules))?.winner).toBe('a');
});

test('a race that is stopped has no result', async () => {
  const [a, b] = [contestant('incumbent', 1), contestant('b', 1)];
  const isStopped = () => a.count() === 2;
  expect(await race([a, b], { ...rules, isStopped })).toBeUndefined();
  expect(b.count()).toBe(1);
});
