import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors, type SafetensorsTensor } from '../../src/io/safetensors.ts';
import fc from '../support/fast-check.ts';

/** A file of a header, written as text, and data. */
function file(header: string, data: readonly number[] = []): Uint8Array {
  const json = new TextEncoder().encode(header);
  const length = [json.length & 0xff, json.length >> 8, 0, 0, 0, 0, 0, 0];
  return new Uint8Array([...length, ...json, ...data]);
}

function error(header: string, data: readonly number[] = []): unknown {
  return refusal(file(header, data));
}

function refusal(bytes: Uint8Array): unknown {
  try {
    return decodeSafetensors(bytes);
  } catch (thrown) {
    return thrown;
  }
}

const badFile = (message: RegExp) =>
  expect.objectContaining({ code: 'bad-file', message: expect.stringMatching(message) });

describe('encodeSafetensors', () => {
  it('writes the bytes that the format prescribes', () => {
    const bytes = encodeSafetensors([['w', { dtype: 'F32', shape: [2], data: new Float32Array([1, -2]) }]]);
    const header = '{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    expect(bytes).toEqual(file(header.padEnd(56), [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]));
  });

  it('puts wider element types first, so that each tensor is aligned', () => {
    const bytes = encodeSafetensors([
      ['b', { dtype: 'U8', shape: [1], data: new Uint8Array([7]) }],
      ['f', { dtype: 'F32', shape: [1], data: new Float32Array([1]) }],
      ['d', { dtype: 'F64', shape: [1], data: new Float64Array([2]) }],
    ]);
    expect([...decodeSafetensors(bytes).tensors.keys()]).toEqual(['d', 'f', 'b']);
  });

  it('writes the part of a buffer that a view shows', () => {
    const data = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
    const bytes = encodeSafetensors([['w', { dtype: 'F32', shape: [2], data }]]);
    expect(decodeSafetensors(bytes).tensors.get('w')!.data).toEqual(new Float32Array([2, 3]));
  });

  it('refuses what it could not read back', () => {
    const tensor: SafetensorsTensor = { dtype: 'F32', shape: [2], data: new Float32Array(2) };
    const encode = (name: string, changes: object) => () =>
      encodeSafetensors([
        ['a', tensor],
        [name, { ...tensor, ...changes } as SafetensorsTensor],
      ]);
    const code = (code: string) => expect.objectContaining({ code });
    expect(encode('a', {})).toThrow(code('invalid-argument'));
    expect(encode('__metadata__', {})).toThrow(code('invalid-argument'));
    expect(encode('b', { shape: [3, 2] })).toThrow(code('shape-mismatch'));
    expect(encode('b', { dtype: 'I32' })).toThrow(code('dtype-mismatch'));
    expect(encode('a', {})).toThrow(/Two tensors are named "a"/);
    expect(encode('__metadata__', {})).toThrow(/reserved/);
    expect(encode('b', { shape: [3, 2] })).toThrow(/"b" has shape \[3, 2\], 6 elements, but 2/);
    expect(encode('b', { dtype: 'I32' })).toThrow(
      /"b" is said to be I32, kept in Int32Array, but is Float32Array/,
    );
  });
});

describe('decodeSafetensors', () => {
  it('reads a Buffer that is a view of larger memory', () => {
    const bytes = encodeSafetensors([['w', { dtype: 'F32', shape: [2], data: new Float32Array([1, -2]) }]]);
    const view = Buffer.concat([Buffer.alloc(8), bytes]).subarray(8);
    expect(decodeSafetensors(view).tensors.get('w')!.data).toEqual(new Float32Array([1, -2]));
  });

  it('reads back what was written, names and metadata of any text, order kept', () => {
    const entry = fc.tuple(fc.string({ unit: 'grapheme' }), fc.array(fc.float(), { maxLength: 5 }));
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { selector: ([name]) => name }),
        fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
        (entries, metadata) => {
          const tensors = entries
            .filter(([name]) => name !== '__metadata__')
            .map(([name, values]): [string, SafetensorsTensor] => {
              return [name, { dtype: 'F32', shape: [1, values.length], data: new Float32Array(values) }];
            });
          const decoded = decodeSafetensors(encodeSafetensors(tensors, metadata));
          expect([...decoded.tensors]).toEqual(tensors);
          expect(decoded.metadata).toEqual(metadata);
        },
      ),
    );
  });

  it('reads every element type', () => {
    const tensors: [string, SafetensorsTensor][] = [
      ['F64', { dtype: 'F64', shape: [1], data: new Float64Array([Math.PI]) }],
      ['I64', { dtype: 'I64', shape: [1], data: new BigInt64Array([-5n]) }],
      ['U64', { dtype: 'U64', shape: [1], data: new BigUint64Array([2n ** 63n]) }],
      ['F32', { dtype: 'F32', shape: [], data: new Float32Array([0.5]) }],
      ['I32', { dtype: 'I32', shape: [2, 1], data: new Int32Array([-1, 2]) }],
      ['U32', { dtype: 'U32', shape: [1], data: new Uint32Array([2 ** 32 - 1]) }],
      ['I16', { dtype: 'I16', shape: [1], data: new Int16Array([-3]) }],
      ['U16', { dtype: 'U16', shape: [1], data: new Uint16Array([65535]) }],
      ['I8', { dtype: 'I8', shape: [1], data: new Int8Array([-4]) }],
      ['U8', { dtype: 'U8', shape: [0, 3], data: new Uint8Array(0) }],
      ['BOOL', { dtype: 'BOOL', shape: [2], data: new Uint8Array([0, 1]) }],
    ];
    expect([...decodeSafetensors(encodeSafetensors(tensors)).tensors]).toEqual(tensors);
  });

  it('widens F16 and BF16 to F32', () => {
    const halves = [0x00, 0x3c, 0x00, 0xc0, 0xff, 0x7b, 0x01, 0x00, 0x00, 0x80, 0x00, 0xfc, 0x01, 0x7c];
    const bytes = file('{"h":{"dtype":"F16","shape":[7],"data_offsets":[0,14]}}', halves);
    const h = decodeSafetensors(bytes).tensors.get('h')!;
    expect(h.dtype).toBe('F32');
    expect(h.data).toEqual(new Float32Array([1, -2, 65504, 2 ** -24, -0, -Infinity, NaN]));

    const brains = [0x80, 0x3f, 0x49, 0xc0, 0x80, 0x7f];
    const b = decodeSafetensors(file('{"b":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}}', brains));
    expect(b.tensors.get('b')!.data).toEqual(new Float32Array([1, -3.140625, Infinity]));
  });

  it('reads a file at any offset of a buffer, and gives memory of its own', () => {
    const bytes = file('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', [0, 0, 0x80, 0x3f]);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    const { data } = decodeSafetensors(shifted.subarray(3)).tensors.get('w')!;
    shifted.fill(0);
    expect(data).toEqual(new Float32Array([1]));
  });

  it('keeps the order of names that look like numbers', () => {
    const header =
      '{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"0":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}';
    expect([...decodeSafetensors(file(header, [1, 2])).tensors.keys()]).toEqual(['b', '0']);
  });

  it('refuses a file that is cut short or has no sound header', () => {
    const bytes = file('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', [0, 0, 0x80, 0x3f]);
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(bytes.subarray(0, length))).toEqual(badFile(/./));
    }
    expect(refusal(new Uint8Array(7))).toEqual(badFile(/at least 8 bytes, this one 7/));
    expect(refusal(new Uint8Array(8).fill(255))).toEqual(badFile(/18446744073709551615 bytes, but 0 follow/));
    expect(error('[]')).toEqual(badFile(/not an object/));
    expect(error(' {}')).toEqual(badFile(/not an object/));
    expect(error('{"a":')).toEqual(badFile(/not JSON/));
    expect(refusal(new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff]))).toEqual(badFile(/UTF-8/));
  });

  it('takes tensors without elements anywhere, in any order', () => {
    const empty = (name: string, at: number) =>
      `"${name}":{"dtype":"U8","shape":[0],"data_offsets":[${at},${at}]}`;
    const full = '"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}';
    for (const entries of [
      [full, empty('a', 0), empty('c', 2)],
      [empty('c', 2), empty('a', 0), full],
      [empty('a', 0), empty('c', 2), full],
    ]) {
      const { tensors } = decodeSafetensors(file(`{${entries.join()}}`, [7, 8]));
      expect([...tensors.get('b')!.data]).toEqual([7, 8]);
      expect(tensors.get('a')!.data).toHaveLength(0);
    }
  });

  it('refuses a header that reaches beyond the file, or begins with a mark', () => {
    const bytes = file('{}');
    bytes[0] = 3;
    expect(refusal(bytes)).toEqual(
      badFile(/said to have 3 bytes, but 2 follow: the file is cut short, or no safetensors/),
    );
    bytes[0] = 10;
    expect(refusal(bytes)).toEqual(badFile(/said to have 10 bytes, but 2 follow/));
    expect(error('\ufeff{}')).toEqual(badFile(/not JSON/));
  });

  it('hands the cause of a bad header on', () => {
    expect(error('{"a":')).toHaveProperty('cause', expect.any(SyntaxError));
    expect(refusal(new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 0xff]))).toHaveProperty(
      'cause',
      expect.any(TypeError),
    );
  });

  it.each(['5', 'null', '[]', '"text"', 'true'])('refuses %s for metadata, a header and an entry', (json) => {
    expect(error(`{"__metadata__":${json}}`)).toEqual(badFile(/__metadata__ is not an object/));
    expect(error(json)).toEqual(badFile(/not an object/));
    expect(error(`{"w":${json}}`)).toEqual(badFile(/"w" has no dtype/));
  });

  it.each(['[0]', '[0,1,1]', '"01"', '{"length":2}', '[0.5,1]', '[-1,0]', 'null', '7'])(
    'refuses %s for offsets',
    (offsets) => {
      const found = error(`{"w":{"dtype":"U8","shape":[1],"data_offsets":${offsets}}}`, [0]);
      expect(found).toEqual(badFile(/^safetensors: "w" has data_offsets .*, not \[begin, end\]\.$/));
    },
  );

  it('refuses bad entries, naming them', () => {
    expect(
      error(
        '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[1,9]}}',
        Array(9).fill(0),
      ),
    ).toEqual(
      badFile(/"w" of shape \[2, 3\] and dtype F32 takes 24 bytes, but its offsets \[1, 9\] span 8\.$/),
    );
    expect(error('{"w":{"dtype":"X","shape":[1],"data_offsets":[0,1]}}', [0])).toEqual(
      badFile(/known are F16, BF16, F64, I64, U64, F32, I32, U32, I16, U16, I8, U8, BOOL\.$/),
    );
    expect(error('{"w":7}')).toEqual(badFile(/"w" has no dtype/));
    expect(error('{"w":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}', [0])).toEqual(
      badFile(/"w" has dtype F8_E4M3; known are/),
    );
    expect(error('{"w":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}}')).toEqual(
      badFile(/"w" has shape \[-1\]/),
    );
    expect(error('{"w":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}')).toEqual(
      badFile(/"w" has data_offsets \[1,0\]/),
    );
    expect(error('{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}', Array(8).fill(0))).toEqual(
      badFile(/"w" of shape \[3\] and dtype F32 takes 12 bytes, but its offsets \[0, 8\] span 8/),
    );
    expect(error('{"__metadata__":{"k":1}}')).toEqual(badFile(/__metadata__ "k" is 1/));
  });

  it('refuses values nested too deeply to be shown, and shows the beginning of long ones', () => {
    const nested = '['.repeat(30_000) + ']'.repeat(30_000);
    expect(error(`{"a":{"dtype":"F32","shape":${nested},"data_offsets":[0,0]}}`)).toEqual(
      badFile(/"a" has shape a nested list/),
    );
    const long = `[${'-1,'.repeat(10_000)}-1]`;
    expect(error(`{"a":{"dtype":"F32","shape":${long},"data_offsets":[0,0]}}`)).toEqual(
      badFile(/^.{0,180}…, not a list of whole numbers\.$/),
    );
  });

  it('refuses overlaps, holes, bytes left over and names given twice', () => {
    const pair = (first: string, second: string) =>
      `{"a":{"dtype":"U8","shape":[2],"data_offsets":${first}},"b":{"dtype":"U8","shape":[2],"data_offsets":${second}}}`;
    const data = [1, 2, 3, 4, 5];
    expect(error(pair('[0,2]', '[1,3]'), data)).toEqual(badFile(/"b" overlaps .* byte 1, not 2/));
    expect(error(pair('[3,5]', '[0,2]'), data)).toEqual(badFile(/"a" leaves a hole .* byte 3, not 2/));
    expect(error(pair('[0,2]', '[2,4]'), data)).toEqual(badFile(/5 bytes, but the tensors cover 4/));
    expect(error(pair('[0,2]', '[2,4]'), [1, 2, 3])).toEqual(
      badFile(/"b" ends at byte 4, but the data has 3/),
    );
    expect(error(pair('[0,2]', '[2,4]').replace('"b"', '"\\u0061"'), [1, 2, 3, 4])).toEqual(
      badFile(/"a" occurs twice/),
    );
  });
});
