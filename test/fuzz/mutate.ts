/**
 * @file Damages valid inputs as storage, transfers and attackers do.
 */

import fc from '../support/fast-check.ts';

/** Numbers at which lengths, counts and sizes overflow. */
const EXTREMES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

const place = fc.nat(0xffff);

const edit = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.nat(7) }) },
  fc.record({ kind: fc.constant('cut' as const), at: place }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: place,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 16 }),
  }),
  fc.record({ kind: fc.constant('copy' as const), from: place, length: fc.nat(200), to: place }),
  fc.record({ kind: fc.constant('remove' as const), at: place, length: fc.nat(64) }),
  fc.record({ kind: fc.constant('splice' as const), seed: place, at: place }),
  fc.record({
    kind: fc.constant('number' as const),
    at: place,
    value: fc.constantFrom(...EXTREMES),
    bytes: fc.constantFrom(1, 2, 4),
    littleEndian: fc.boolean(),
  }),
);

type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

/** One of `seeds` after one to six edits; at times any bytes at all. */
export function damaged(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const edited = fc
    .record({ seed: fc.constantFrom(...seeds), edits: fc.array(edit, { minLength: 1, maxLength: 6 }) })
    .map(({ seed, edits }) => edits.reduce((bytes, change) => apply(bytes, change, seeds), seed));
  return fc.oneof(
    { weight: 20, arbitrary: edited },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 600 }) },
  );
}

function apply(bytes: Uint8Array, change: Edit, seeds: readonly Uint8Array[]): Uint8Array {
  const within = (at: number) => (bytes.length === 0 ? 0 : at % bytes.length);
  switch (change.kind) {
    case 'flip': {
      const result = bytes.slice();
      if (result.length > 0) result[within(change.at)]! ^= 1 << change.bit;
      return result;
    }
    case 'cut':
      return bytes.slice(0, within(change.at));
    case 'insert':
      return joined(bytes.subarray(0, within(change.at)), change.bytes, bytes.subarray(within(change.at)));
    case 'copy': {
      const from = within(change.from);
      const to = within(change.to);
      return joined(bytes.subarray(0, to), bytes.subarray(from, from + change.length), bytes.subarray(to));
    }
    case 'remove': {
      const at = within(change.at);
      return joined(bytes.subarray(0, at), bytes.subarray(at + change.length));
    }
    case 'splice': {
      const other = seeds[change.seed % seeds.length]!;
      return joined(bytes.subarray(0, within(change.at)), other.subarray(Math.min(change.at, other.length)));
    }
    case 'number': {
      const result = bytes.slice();
      for (let i = 0; i < change.bytes; i++) {
        const shift = 8 * (change.littleEndian ? i : change.bytes - 1 - i);
        const at = within(change.at) + i;
        if (at < result.length) result[at] = Math.floor(change.value / 2 ** shift) & 255;
      }
      return result;
    }
  }
}

/** The bytes of `parts`, one after another. */
export function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
