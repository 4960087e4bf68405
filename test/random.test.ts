import { expect, test } from 'vitest';
import { Random } from '../src/random.ts';

test("makes Philox 4×32-10's published numbers for a key and a counter of zeros", () => {
  const random = new Random(0);
  const block = [random.uint32(), random.uint32(), random.uint32(), random.uint32()];
  expect(block).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
});

test('goes on from its state, in the middle of a block too', () => {
  const random = new Random(5, 2);
  for (let i = 0; i < 7; i++) random.uint32();
  const copy = Random.from(random.state);
  const draw = (from: Random) => Array.from({ length: 10 }, () => from.uint32());
  expect(draw(copy)).toEqual(draw(random));
});

test('streams and seeds differ', () => {
  const first = [new Random(1), new Random(2), new Random(1, 1)].map((random) => random.uint32());
  expect(new Set(first).size).toBe(3);
});
