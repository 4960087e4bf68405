import { expect, test } from 'vitest';
import { Batcher } from '../../src/serve/batcher.ts';

/** A batcher whose batches end when they are told to. */
function controlled(maxBatch: number, maxWait: number) {
  const batches: { items: readonly number[]; end: (error?: Error) => void }[] = [];
  const batcher = new Batcher<number, number>(
    (items) =>
      new Promise((resolve, reject) => {
        batches.push({
          items,
          end: (error) => (error ? reject(error) : resolve(items.map((item) => item * 10))),
        });
      }),
    { maxBatch, maxWait },
  );
  return { batcher, batches };
}

const milliseconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count));

test('what comes together is computed together, each with its own result', async () => {
  const { batcher, batches } = controlled(8, 20);
  const results = Promise.all([1, 2, 3].map((item) => batcher.add(item)));
  expect(batches).toEqual([]);
  await milliseconds(40);
  expect(batches.map(({ items }) => items)).toEqual([[1, 2, 3]]);
  batches[0]!.end();
  expect(await results).toEqual([10, 20, 30]);
});

test('a full batch does not wait, and the rest comes in the next one, in order', async () => {
  const { batcher, batches } = controlled(2, 60_000);
  const results = [1, 2, 3, 4, 5].map((item) => batcher.add(item));
  expect(batches.map(({ items }) => items)).toEqual([[1, 2]]);
  batches[0]!.end();
  expect(await results[1]).toBe(20);
  await milliseconds(0);
  expect(batches.map(({ items }) => items)).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('what comes while a batch is computed is gathered, and has waited by then', async () => {
  const { batcher, batches } = controlled(8, 5);
  const first = batcher.add(1);
  await milliseconds(20);
  const later = [batcher.add(2), batcher.add(3)];
  await milliseconds(20);
  expect(batches).toHaveLength(1);
  batches[0]!.end();
  await first;
  await milliseconds(0);
  expect(batches[1]!.items).toEqual([2, 3]);
  batches[1]!.end();
  expect(await Promise.all(later)).toEqual([20, 30]);
});

test('a batch that fails takes only its own items with it', async () => {
  const { batcher, batches } = controlled(2, 60_000);
  const [a, b, c, d] = [1, 2, 3, 4].map((item) => batcher.add(item));
  batches[0]!.end(new Error('lost'));
  await expect(a).rejects.toThrow('lost');
  await expect(b).rejects.toThrow('lost');
  await milliseconds(0);
  batches[1]!.end();
  expect(await Promise.all([c, d])).toEqual([30, 40]);
});
