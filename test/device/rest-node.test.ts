import { describe, expect, test } from 'vitest';
import { Rest } from '../../src/device/node/rest.ts';

/** Lets the event loop turn so often; resolves to how many milliseconds that took. */
function timeOfTurns(turns: number): Promise<number> {
  return new Promise((resolve) => {
    const start = performance.now();
    let left = turns;
    const turn = () => {
      if (left-- > 0) setImmediate(turn);
      else resolve(performance.now() - start);
    };
    setImmediate(turn);
  });
}

/** The same on a machine that has nothing else to do: other programs only make it longer. */
async function leastTimeOfTurns(turns: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 20; attempt++) least = Math.min(least, await timeOfTurns(turns));
  return least;
}

describe('rest', () => {
  test('gives what the promise gives', async () => {
    const rest = new Rest();
    expect(await rest.during(Promise.resolve(7))).toBe(7);
    await expect(rest.during(Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  });

  test('sleeps between the turns of a loop that would be busy, and lets it turn', async () => {
    const rest = new Rest();
    const settled = new Promise((resolve) => setTimeout(resolve, 20));
    const [, time] = await rest.during(Promise.all([settled, settled.then(() => timeOfTurns(40))]));
    // By then each turn sleeps for 1 ms, whatever else the machine does.
    expect(time).toBeGreaterThan(40 * 0.9);
  });

  test('serves several waits with one loop, and stops after the last', async () => {
    const rest = new Rest();
    await Promise.all(Array.from({ length: 50 }, () => rest.during(timeOfTurns(20))));
    expect(await leastTimeOfTurns(100)).toBeLessThan(100 * 0.05);
  });
});
