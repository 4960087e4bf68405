import { describe, expect, it } from 'vitest';
import { BitReader } from '../../../src/data/jpeg/bit-reader.ts';
import {
  acFirstDecoder,
  acRefineDecoder,
  type BlockDecoder,
  dcFirstDecoder,
  dcRefineDecoder,
  sequentialDecoder,
} from '../../../src/data/jpeg/blocks.ts';
import { HuffmanTable } from '../../../src/data/jpeg/huffman.ts';

const refusal = (message: RegExp) =>
  expect.objectContaining({ code: 'bad-file', message: expect.stringMatching(message) });
const readerOf = (...bytes: number[]) => new BitReader(Uint8Array.from(bytes), 0);

describe('BitReader', () => {
  it('gives bits from the highest down, across bytes', () => {
    const bits = readerOf(0b1011_0010, 0b0111_0001, 0b1000_0001);
    expect([bits.read(3), bits.read(0), bits.peek(5), bits.read(7), bits.read(14)]).toEqual([
      0b101, 0, 0b10010, 0b1001001, 0b11_0001_1000_0001,
    ]);
  });

  it('gives 16 bits at once wherever they begin', () => {
    for (let first = 1; first <= 8; first++) {
      const bits = readerOf(0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc);
      const all = 0x123456789abcn;
      expect(bits.read(first)).toBe(Number(all >> BigInt(48 - first)));
      expect(bits.read(16)).toBe(Number((all >> BigInt(32 - first)) & 0xffffn));
      expect(bits.read(16)).toBe(Number((all >> BigInt(16 - first)) & 0xffffn));
    }
  });

  it('takes FF 00 for the byte FF, and a marker for the end', () => {
    const bits = readerOf(0xff, 0x00, 0xab, 0xff, 0xd9);
    expect([bits.read(8), bits.read(8)]).toEqual([0xff, 0xab]);
    expect(bits.offset).toBe(3);
    expect(bits.peek(4)).toBe(0);
    expect(() => bits.read(1)).toThrow(refusal(/ends early, at byte 3/));
  });

  it('peeks at zeros beyond the end, and does not pass over them', () => {
    const bits = readerOf(0b1010_0000);
    bits.skip(bits.peek(3) - 2);
    expect(bits.peek(8)).toBe(0);
    expect(bits.read(5)).toBe(0);
    expect(() => bits.skip(1)).toThrow(refusal(/cut off or damaged/));
  });

  it('reads differences: those with a leading zero are negative', () => {
    expect([0b000, 0b011, 0b100, 0b111].map((value) => readerOf(value << 5).readSigned(3))).toEqual([
      -7, -4, 4, 7,
    ]);
    expect(readerOf(0x80).readSigned(1)).toBe(1);
    expect(readerOf(0x00).readSigned(1)).toBe(-1);
    expect(readerOf().readSigned(0)).toBe(0);
  });

  it('begins anew after a restart marker, of which there are eight', () => {
    for (let marker = 0xd0; marker <= 0xd7; marker++) {
      const bits = readerOf(0xaa, 0xff, marker, 0x5b);
      expect(bits.read(3)).toBe(0b101);
      bits.restart();
      expect(bits.offset).toBe(3);
      expect(bits.read(8)).toBe(0x5b);
    }
  });

  it.each([
    ['another marker below', [0xff, 0xcf]],
    ['another marker above', [0xff, 0xd8]],
    ['no marker', [0x00, 0xd0]],
    ['the end', []],
    ['a marker cut off', [0xff]],
  ])('refuses %s where one should stand', (_name, bytes) => {
    const bits = readerOf(0xff, 0x00, ...bytes);
    bits.read(8);
    expect(() => bits.restart()).toThrow(refusal(/no restart marker at byte \d/));
  });

  it('refuses a restart marker that comes later than it should', () => {
    for (const read of [1, 8]) {
      const bits = readerOf(0x12, 0x34, 0xff, 0xd0);
      bits.read(read);
      expect(() => bits.restart()).toThrow(refusal(/no restart marker/));
    }
    const bits = readerOf(0x12, 0x34, 0xff, 0xd0);
    bits.read(9);
    bits.restart();
    expect(bits.offset).toBe(4);
  });
});

describe('HuffmanTable', () => {
  /** A table of so many codes of each length, whose values are 0, 1, 2, … */
  const tableOf = (counts: Record<number, number>) => {
    const all = Uint8Array.from({ length: 16 }, (_, i) => counts[i + 1] ?? 0);
    const total = all.reduce((sum, count) => sum + count, 0);
    return new HuffmanTable(
      all,
      Uint8Array.from({ length: total }, (_, i) => i),
    );
  };
  /** The value of `code`, which takes as many bits as it has: what follows it is read next. */
  const read = (table: HuffmanTable, code: string) => {
    const bits = `${code}10100101`.padEnd(24, '0').match(/.{8}/g)!;
    const reader = readerOf(...bits.map((byte) => Number.parseInt(byte, 2)));
    const value = table.read(reader);
    expect(reader.read(8)).toBe(0b1010_0101);
    return value;
  };

  it('gives the value of each code, short and long', () => {
    // 0, 10, then of 9 bits 110000000 and 110000001, and of 16 bits 1100000100000000.
    const table = tableOf({ 1: 1, 2: 1, 9: 2, 16: 1 });
    expect(
      ['0', '10', '110000000', '110000001', '1100000100000000'].map((code) => read(table, code)),
    ).toEqual([0, 1, 2, 3, 4]);
  });

  it('refuses bits that are no code', () => {
    const table = tableOf({ 2: 1, 9: 1 });
    expect(() => table.read(readerOf(0xf0, 0xf0, 0xf0))).toThrow(refusal(/bits that are no code/));
  });

  it('refuses more codes than their bits can tell apart', () => {
    expect(() => tableOf({ 1: 3 })).toThrow(refusal(/3 codes of 1 bits too many/));
    expect(() => tableOf({ 1: 1, 2: 3 })).toThrow(refusal(/3 codes of 2 bits too many/));
    expect(read(tableOf({ 1: 1, 2: 2 }), '11')).toBe(2);
  });
});

describe('the decoders of blocks', () => {
  /** A table whose codes are the bytes 0, 1, …, for `values`. */
  const bytesFor = (...values: number[]) =>
    new HuffmanTable(
      Uint8Array.from({ length: 16 }, (_, i) => (i === 7 ? values.length : 0)),
      Uint8Array.from(values),
    );
  const range = { first: 1, last: 63, highBit: 0, lowBit: 0 };
  const decodeWith = (
    decoder: (bits: BitReader) => BlockDecoder,
    bytes: number[],
    tables: { dcTable?: HuffmanTable; acTable?: HuffmanTable },
    coefficients = new Int32Array(64),
  ) => {
    const component = { dcTable: undefined, acTable: undefined, dcBefore: 0, ...tables };
    decoder(readerOf(...bytes))(component, coefficients, 0);
    return coefficients;
  };
  const sequential = (bytes: number[], dc: number[], ac: number[]) =>
    decodeWith(sequentialDecoder, bytes, { dcTable: bytesFor(...dc), acTable: bytesFor(...ac) });

  it('take DC coefficients of 15 bits, and refuse more', () => {
    expect(sequential([0, 0x80, 0x00, 0x00, 0x00], [15], [0])[0]).toBe(2 ** 14);
    expect(() => sequential([0, 0x80, 0x00, 0x00, 0x00], [16], [0])).toThrow(
      refusal(/16 bits, more than 15/),
    );
  });

  it('reach the last coefficient, and refuse a run of zeros that goes beyond', () => {
    // Runs of 15 zeros and a 1: places 16, 32 and 48, then 63 after 14 more; each is a byte and a bit.
    const bits = (codes: number[]) => codes.map((code) => `${code.toString(2).padStart(8, '0')}1`).join('');
    const bytes = (text: string) =>
      text
        .padEnd(64, '0')
        .match(/.{8}/g)!
        .map((byte) => Number.parseInt(byte, 2));
    const dc = '00000000';
    const whole = sequential(bytes(dc + bits([0, 0, 0, 1])), [0], [0xf1, 0xe1]);
    expect(whole.filter((value) => value === 1)).toHaveLength(4);
    expect(whole[63]).toBe(1);
    expect(() => sequential(bytes(dc + bits([0, 0, 0, 0])), [0], [0xf1])).toThrow(
      refusal(/leaves its block/),
    );
  });

  it('refuse a scan whose tables are missing', () => {
    const table = bytesFor(0);
    expect(() => decodeWith(sequentialDecoder, [0, 0], { acTable: table })).toThrow(refusal(/table for DC/));
    expect(() => decodeWith(sequentialDecoder, [0, 0], { dcTable: table })).toThrow(refusal(/table for AC/));
    for (const decoder of [acFirstDecoder, acRefineDecoder]) {
      expect(() => decodeWith((bits) => decoder(bits, range, { blocks: 0 }), [0], {})).toThrow(
        refusal(/table for AC/),
      );
    }
  });

  it('read the upper bits of DC first, then one more', () => {
    const first = decodeWith((bits) => dcFirstDecoder(bits, { ...range, lowBit: 2 }), [0, 0b1010_0000], {
      dcTable: bytesFor(3),
    });
    expect(first[0]).toBe(0b101_00);
    const more = (byte: number) =>
      decodeWith(
        (bits) => dcRefineDecoder(bits, { ...range, lowBit: 1 }),
        [byte],
        {},
        Int32Array.from(first),
      )[0];
    expect([more(0x80), more(0)]).toEqual([0b101_10, 0b101_00]);
  });

  it('refine what is there, put in what is new, and end in runs of blocks', () => {
    // In zigzag order: 4, −4, 0, 0, 4, then zeros. One zero is passed over, the second becomes −2.
    const before = new Int32Array(64);
    [before[1], before[8], before[2]] = [4, -4, 4];
    const run = { blocks: 0 };
    const refine = (bytes: number[]) =>
      decodeWith(
        (bits) => acRefineDecoder(bits, { ...range, lowBit: 1 }, run),
        bytes,
        { acTable: bytesFor(0x11, 0x10) },
        before,
      );
    // Code 0 and its sign, 0; 4 becomes 6, −4 stays; code 1 (the end, of two blocks and 1 more): the last one becomes 6.
    refine([0b0000_0000, 0b0100_0000, 0b0011_1000]);
    expect([before[1], before[8], before[16], before[9], before[2]]).toEqual([6, -4, 0, -2, 6]);
    expect(run.blocks).toBe(2);
    expect(before.filter((value) => value !== 0)).toHaveLength(4);
  });

  it('put nothing beyond the coefficients that a scan refines', () => {
    const narrow = { ...range, last: 5 };
    const refined = decodeWith((bits) => acRefineDecoder(bits, narrow, { blocks: 0 }), [0, 0x80], {
      acTable: bytesFor(0xf1),
    });
    expect([...refined]).toEqual(Array(64).fill(0));
  });

  it('refuse a refinement by more than one bit', () => {
    expect(() =>
      decodeWith((bits) => acRefineDecoder(bits, range, { blocks: 0 }), [0, 0], { acTable: bytesFor(2) }),
    ).toThrow(refusal(/adds 2 bits instead of one/));
  });
});
