import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32, crc32c } from '../../../src/io/crc32.ts';
import { encodeEvent, readEvent } from '../../../src/io/tensorboard/events.ts';
import { encodeRecord, readRecords } from '../../../src/io/tensorboard/records.ts';

const ascii = (text: string) => new TextEncoder().encode(text);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('CRC-32 is that of ISO 3309', () => {
  expect(crc32(ascii('123456789'))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array(0))).toBe(0);
});

test('the checksum is that of RFC 3720, appendix B.4', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
  expect(crc32c(ascii('123456789'))).toBe(0xe3069283);
});

/** Made by the package tensorboard 2.21.0: its RecordWriter, and SerializeToString() of the same events. */
const VERSION_RECORD = '1800000000000000a37f4b2209000000000000f03f1a0d627261696e2e4576656e743a3286bf577a';
const SCALARS_EVENT =
  '09000000000000004010ac022a200a110a0a747261696e2f6c6f7373150000003f0a0b0a0472617465150000c07f';
const SESSION_EVENT = '09000000000000004010073a020801';
const IMAGE_EVENT = '09000000000000004010072a130a110a03657965220a08021003180322020102';

test('writes what TensorBoard writes', () => {
  const version = encodeRecord(encodeEvent(1, 0, { fileVersion: 'brain.Event:2' }));
  expect(readEvent([...readRecords(version)][0]!.data)).toEqual({ step: 0, tags: [] });
  expect(hex(version)).toBe(VERSION_RECORD);
  expect(hex(encodeEvent(2, 300, { scalars: { 'train/loss': 0.5, rate: Number.NaN } }))).toBe(SCALARS_EVENT);
  expect(hex(encodeEvent(2, 7, 'session-start'))).toBe(SESSION_EVENT);
  const image = { width: 3, height: 2, bytes: Uint8Array.of(1, 2) };
  expect(hex(encodeEvent(2, 7, { tag: 'eye', image }))).toBe(IMAGE_EVENT);
});

test('reads whole records, and nothing after one that is cut off or damaged', () => {
  const data = [ascii('one'), ascii(''), ascii('three')];
  const file = Buffer.concat(data.map(encodeRecord));
  const read = (bytes: Uint8Array) => [...readRecords(bytes)].map(({ data }) => Buffer.from(data).toString());
  expect(read(file)).toEqual(['one', '', 'three']);
  for (let length = 0; length < file.length; length++) {
    const whole = length < 19 ? 0 : length < 35 ? 1 : 2;
    expect(read(file.subarray(0, length))).toHaveLength(whole);
  }
  for (let at = 0; at < 19; at++) {
    const damaged = Uint8Array.from(file);
    damaged[at]! ^= 16;
    expect(read(damaged)).toEqual([]);
  }
});

test('steps and tags survive, and no bytes break the reader', () => {
  fc.assert(
    fc.property(fc.nat(), fc.dictionary(fc.string(), fc.float()), (step, scalars) => {
      expect(readEvent(encodeEvent(1, step, { scalars }))).toEqual({
        step,
        tags: Object.keys(scalars),
      });
    }),
    { seed: 1, numRuns: 200 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      readEvent(bytes);
      for (const { data } of readRecords(bytes)) readEvent(data);
    }),
    { seed: 1, numRuns: 2000 },
  );
});
