import { afterEach, expect, test, vi } from 'vitest';
import { DecodePool } from '../../src/data/node/worker-pool.ts';
import { encodePng } from '../../src/data/png/encode-png.ts';
import type { Finding } from '../../src/serve/classifier.ts';
import { DEFAULT_LIMITS } from '../../src/serve/limits.ts';
import { Predictor } from '../../src/serve/predictor.ts';

const SIDE = 16;
const sound = encodePng({
  ...{ width: SIDE, height: SIDE, channels: 3, order: 'rgb' },
  data: new Uint8Array(SIDE * SIDE * 3),
});
/** Its header is sound. */
const damaged = sound.subarray(0, sound.length - 20);
const FINDING: Finding = { logits: [0], probabilities: [0.5, 0.5], class: 1, label: 'a' };

const predictors: Predictor[] = [];
function predictorOf(maxQueue: number): Predictor {
  const limits = { ...DEFAULT_LIMITS, maxQueue };
  const predictor = new Predictor(
    { size: 8, channelOrder: 'rgb' },
    limits,
    async (jobs) => jobs.map(() => FINDING),
    1,
  );
  predictors.push(predictor);
  return predictor;
}
const uploads = (...images: Uint8Array[]) => images.map((bytes, i) => ({ name: `image ${i + 1}`, bytes }));

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(predictors.splice(0).map((predictor) => predictor.close()));
});

test('images take their places until the last of their request is decoded, also where the first is damaged', async () => {
  let decoding = 0;
  const { decode } = DecodePool.prototype;
  vi.spyOn(DecodePool.prototype, 'decode').mockImplementation(function (this: DecodePool, request) {
    decoding += 1;
    return decode.call(this, request).finally(() => {
      decoding -= 1;
    });
  });
  const predictor = predictorOf(4);
  const refused = predictor.findings(uploads(damaged, sound, sound, sound), false);
  expect(predictor.inFlight).toBe(4);
  await expect(refused).rejects.toMatchObject({ status: 422, message: expect.stringContaining('image 1') });
  expect([decoding, predictor.inFlight]).toEqual([0, 0]);
});

test('more images than may wait are refused until others are done', async () => {
  const predictor = predictorOf(2);
  const first = predictor.findings(uploads(sound, sound), false);
  await expect(predictor.findings(uploads(sound), false)).rejects.toMatchObject({
    status: 429,
    message: 'More than 2 images are waiting.',
  });
  expect(await first).toEqual([FINDING, FINDING]);
  expect(await predictor.findings(uploads(sound), false)).toEqual([FINDING]);
});
