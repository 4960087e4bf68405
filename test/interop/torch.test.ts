import { expect, test } from 'vitest';
import { writeStoredZip } from '../../src/interop/torch/stored-zip.ts';
import { decodeTorch, encodeTorch } from '../../src/interop/torch/torch.ts';
import * as op from '../../src/io/pickle/opcodes.ts';
import { PickleWriter } from '../../src/io/pickle/write-pickle.ts';
import type { SafetensorsInput } from '../../src/io/safetensors.ts';
import { fixture, values } from './fixtures.ts';

test('reads what torch.save wrote: types, strides, shared storages, parameters', async () => {
  const { tensors, metadata } = await decodeTorch(fixture('torch'));
  const found = Object.fromEntries(
    [...tensors].map(([name, { dtype, shape, data }]) => [
      name,
      [dtype, [...shape], Array.from(data, Number)],
    ]),
  );
  const [matrix, base, half] = [values(6, 1), values(8, 2), values(4, 3)];
  expect(metadata).toEqual({});
  expect(found).toEqual({
    matrix: ['F32', [2, 3], matrix],
    transposed: ['F32', [3, 2], [0, 3, 1, 4, 2, 5].map((i) => matrix[i])],
    half: ['F32', [4], half],
    bfloat: ['F32', [4], half],
    double: ['F64', [4], half],
    count: ['I64', [], [7]],
    slice: ['F32', [4], base.slice(2, 6)],
    shared: ['F32', [4], [0, 2, 4, 6].map((i) => base[i])],
    empty: ['F32', [0, 3], []],
    parameter: ['F32', [2, 3], matrix],
  });
});

test('finds the state dict of a module in a larger dict', async () => {
  const { tensors } = await decodeTorch(fixture('torchModule'));
  expect([...tensors.keys()]).toEqual([
    ...[
      '0.weight',
      '0.bias',
      '1.weight',
      '1.bias',
      '1.running_mean',
      '1.running_var',
      '1.num_batches_tracked',
    ],
  ]);
  expect(Array.from(tensors.get('0.weight')!.data as Float32Array)).toEqual(values(6, 1));
});

test('refuses a pickled module, which would run code, and the format of old', async () => {
  await expect(decodeTorch(fixture('torchCode'))).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining('"torch.nn.modules.linear.Linear", which is not on the list'),
  });
  await expect(decodeTorch(fixture('torchLegacy'))).rejects.toThrow(/before version 1\.6/);
});

const TENSORS = [
  ['a', { shape: [2, 2], data: Float32Array.of(1, -2, 3, 0.5) }],
  ['n', { shape: [], data: BigInt64Array.of(-3n) }],
] as const;

test('reads what it wrote, metadata too; the same tensors give the same bytes', async () => {
  const bytes = encodeTorch(TENSORS, { key: 'välue' });
  expect(encodeTorch(TENSORS, { key: 'välue' })).toEqual(bytes);
  const { tensors, metadata } = await decodeTorch(bytes);
  expect(metadata).toEqual({ key: 'välue' });
  expect([...tensors]).toEqual([
    ['a', { dtype: 'F32', ...TENSORS[0][1] }],
    ['n', { dtype: 'I64', ...TENSORS[1][1] }],
  ]);
});

test('writes whatever gives tensors, and refuses what is inconsistent', async () => {
  const bytes = encodeTorch(TENSORS);
  expect(encodeTorch(TENSORS.values())).toEqual(bytes);
  const [[name, tensor]] = TENSORS;
  const code = (code: string) => expect.objectContaining({ code });
  const refused = (...tensors: [string, SafetensorsInput][]) => expect(() => encodeTorch(tensors));
  refused([name, { ...tensor, dtype: 'I64' }]).toThrow(code('dtype-mismatch'));
  refused([name, { ...tensor, shape: [3] }]).toThrow(code('shape-mismatch'));
  refused([name, tensor], [name, tensor]).toThrow(/Two tensors are named "a"/);
  refused([name, { shape: [1], data: new Uint16Array(1) }]).toThrow(code('unsupported'));
});

/** An archive with a tensor of a storage of four numbers, put together otherwise. */
function archive({
  shape = [4],
  strides = [1],
  offset = 0,
  count = 4,
  order = 'little',
  key = '0',
  repeat = 1,
}) {
  const writer = new PickleWriter();
  const names = Array.from({ length: repeat }, (_, i) => [`t${i}`, i] as const);
  writer.dict(names, () => {
    writer.global('torch._utils', '_rebuild_tensor_v2');
    writer.tuple(() => {
      writer.tuple(() => {
        writer.text('storage');
        writer.global('torch', 'FloatStorage');
        writer.text(key);
        writer.text('cpu');
        writer.number(count);
      });
      writer.operation(op.BINPERSID);
      writer.number(offset);
      writer.numbers(shape);
      writer.numbers(strides);
      writer.operation(op.NEWFALSE);
      writer.operation(op.NONE);
    });
    writer.operation(op.REDUCE);
  });
  const storage = new DataView(new ArrayBuffer(16));
  for (const i of [0, 1, 2, 3]) storage.setFloat32(4 * i, i + 1, order === 'little');
  return writeStoredZip([
    ['x/data.pkl', writer.finish()],
    ['x/byteorder', new TextEncoder().encode(order)],
    ['x/data/0', new Uint8Array(storage.buffer)],
  ]);
}

test('reads big-endian storages', async () => {
  const { tensors } = await decodeTorch(archive({ order: 'big' }));
  expect(Array.from(tensors.get('t0')!.data as Float32Array)).toEqual([1, 2, 3, 4]);
});

test.each([
  ['beyond its storage', { shape: [5] }, 'reaches to element 4 of 4'],
  ['beyond by its offset', { offset: 1 }, 'reaches to element 4 of 4'],
  ['beyond by its strides', { strides: [2] }, 'reaches to element 6 of 4'],
  ['a negative stride', { strides: [-1] }, 'not whole numbers of at least 0'],
  ['another count of axes', { strides: [1, 1] }, 'not whole numbers of at least 0'],
  ['a storage that is cut short', { count: 5 }, 'takes 20 bytes, but has 16'],
  ['a missing storage', { key: '7' }, 'no storage "7"'],
  ['an unknown byte order', { order: 'middle' }, 'byte order is "middle"'],
  [
    'four gigabytes out of one number',
    { shape: [2 ** 30], strides: [0] },
    'many times the memory of the file',
  ],
  [
    'many tensors out of one number',
    { shape: [2 ** 12], strides: [0], repeat: 999 },
    'many times the memory',
  ],
])('refuses a tensor %s', async (_, changes, message) => {
  await expect(decodeTorch(archive(changes))).rejects.toMatchObject({
    code: 'bad-file',
    message: expect.stringContaining(message),
  });
});

test('refuses an archive that lies or is damaged', async () => {
  const bytes = encodeTorch(TENSORS);
  const view = (copy: Uint8Array) => new DataView(copy.buffer);
  const central = bytes.findLastIndex(
    (_, i) => i < bytes.length - 3 && view(bytes).getUint32(i, true) === 0x02014b50,
  );
  const changed = (change: (copy: Uint8Array) => void) => {
    const copy = bytes.slice();
    change(copy);
    return copy;
  };
  const cases: [string, Uint8Array][] = [
    ['cut short', bytes.slice(0, -30)],
    ['another size', changed((copy) => view(copy).setUint32(central + 24, 2 ** 31, true))],
    ['a place elsewhere', changed((copy) => view(copy).setUint32(central + 42, 2 ** 31, true))],
    ['compressed', changed((copy) => view(copy).setUint16(central + 10, 8, true))],
    [
      'a flipped bit',
      changed((copy) => (copy[copy.findIndex((_, i) => view(copy).getUint32(i, true) === 0xc0000000)]! ^= 1)),
    ],
    ['nothing', new Uint8Array()],
  ];
  for (const [what, damaged] of cases)
    await expect(decodeTorch(damaged), what).rejects.toMatchObject({ code: 'bad-file' });
});
