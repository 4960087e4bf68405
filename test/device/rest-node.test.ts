import { describe, expect, test } from 'vitest';
import { Rest } from '../../src/device/node/rest.ts';

/** Resolves after `milliseconds` to how often the event loop turned meanwhile. */
function turnsWithin(milliseconds: number): Promise<number> {
  return new Promise((resolve) => {
    const start = performance.now();
    let turns = 0;
    const turn = () => {
      turns++;
      if (performance.now() - start < milliseconds) setImmediate(turn);
      else resolve(turns);
    };
    setImmediate(turn);
  });
}

describe('rest', () => {
  test('gives what the promise gives', async () => {
    const rest = new Rest();
    expect(await rest.during(Promise.resolve(7))).toBe(7);
    await expect(rest.during(Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  });

  test('sleeps between the turns of a loop that would be busy, and lets it turn', async () => {
    const rest = new Rest();
    const [, turns] = await rest.during(
      Promise.all([turnsWithin(10), turnsWithin(10).then(() => turnsWithin(60))]),
    );
    // By then each turn sleeps 600 µs at least, and 1 ms at most.
    expect(turns).toBeLessThan(60 / 0.6);
    expect(turns).toBeGreaterThan(3);
  });

  test('serves several waits with one loop, and stops after the last', async () => {
    const rest = new Rest();
    const waits = Array.from({ length: 50 }, () => rest.during(turnsWithin(20)));
    const turns = await Promise.all(waits);
    expect(Math.max(...turns)).toBeGreaterThan(3);
    // At rest no more: a busy loop turns far more often than it could with sleep.
    expect(await turnsWithin(60)).toBeGreaterThan(60 / 0.05);
  });
});
