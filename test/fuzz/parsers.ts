/**
 * @file Every parser of what comes from outside, with inputs that it takes.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { decodeImage } from '../../src/data/decode.ts';
import { exifOrientation } from '../../src/data/exif.ts';
import { readImageHeader } from '../../src/data/image-header.ts';
import { readValidationFolder } from '../../src/data/node/read-folders.ts';
import { readTar } from '../../src/device/node/tar.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/safetensors.ts';
import { readHeader } from '../../src/io/safetensors-header.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/checkpoint-format.ts';
import { readMetrics, truncateMetrics } from '../../src/train/metrics-log.ts';
import { BEGINNING } from '../../src/train/progress.ts';
import { RunFolder } from '../../src/train/run-folder.ts';
import { decodeTuningTable, encodeTuningTable, TuningTable } from '../../src/tune/tuning-table.ts';
import { exifPayload, jpegOf, withSegment } from '../data/jpeg/build-jpeg.ts';
import { flatJpeg } from '../data/jpeg/flat-jpeg.ts';
import { SAMPLES } from '../data/jpeg/samples.ts';
import { chunkOf, headerChunkOf, type PngRows, pngOfRows, rawBytesOf } from '../data/png/fixtures.ts';
import { ARCHIVE_PARSERS } from './archives.ts';
import { joined } from './mutate.ts';
import { WEIGHT_PARSERS } from './weights.ts';

/** A parser, and inputs that it takes. */
export interface Parser {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  parse(bytes: Uint8Array): unknown;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const JPEGS = [
  ...Object.values(SAMPLES),
  withSegment(
    jpegOf(17, 9, (x, y) => [x * 9, y * 20, 100]),
    0xe1,
    exifPayload(6, true),
  ),
  flatJpeg({ width: 40, height: 16, differences: [8, 0, 9, -9], restartInterval: 3 }),
];

const PNG_HEADER_BYTES = 13;
const KINDS: PngRows[] = [0, 2, 3, 4, 6].flatMap((colorType) =>
  [false, true].map((interlaced, seed) => {
    const depth = colorType === 3 ? 4 : interlaced ? 16 : 8;
    return { width: 13, height: 11, depth, colorType, interlaced, seed };
  }),
);
const PNGS = KINDS.map((kind) => new Uint8Array(pngOfRows(kind)));

/** The first chunk's data and the rows of PNGs, so that damage comes further than checksums. */
const PNG_ROWS = KINDS.map((kind) =>
  joined(headerChunkOf(kind).subarray(8, 8 + PNG_HEADER_BYTES), rawBytesOf(kind)),
);

/** The PNG of such data and rows, with a palette of 16 colours. */
function pngOf(bytes: Uint8Array): Uint8Array {
  return joined(
    PNGS[0]!.subarray(0, 8),
    chunkOf('IHDR', bytes.subarray(0, PNG_HEADER_BYTES)),
    chunkOf('PLTE', new Uint8Array(48)),
    chunkOf('IDAT', deflateSync(bytes.subarray(PNG_HEADER_BYTES))),
    chunkOf('IEND', new Uint8Array()),
  );
}

const TENSORS = encodeSafetensors(
  [
    ['a', { dtype: 'F32', shape: [2, 3], data: new Float32Array(6) }],
    ['b', { dtype: 'I64', shape: [1], data: new BigInt64Array(1) }],
    ['__proto__', { dtype: 'U8', shape: [0], data: new Uint8Array(0) }],
  ],
  { format: 'x' },
);
const nested = `{"a":{"dtype":"F32","shape":${'['.repeat(50_000)}${']'.repeat(50_000)},"data_offsets":[0,0]}}`;
const NESTED = new Uint8Array(8 + nested.length);
new DataView(NESTED.buffer).setBigUint64(0, BigInt(nested.length), true);
NESTED.set(bytesOf(nested), 8);

const entry = { shape: [2], data: Float32Array.of(1, 2) };
const CHECKPOINT = encodeCheckpoint({
  config: { layers: 50, classDim: 1, size: 224, channelOrder: 'bgr' },
  model: new Map([['w', entry]]),
  optimizer: { name: 'Momentum', slots: { velocity: new Map([['w', entry]]) }, step: 3 },
  progress: { ...BEGINNING, step: 3 },
});

const METRICS = bytesOf(
  '{"kind":"step","step":1,"epoch":0,"batch":0,"samples":10,"learningRate":0.005,"loss":0.7,"accuracy":0.5}\n' +
    '{"kind":"epoch","epoch":0,"step":40,"training":{"loss":null,"accuracy":1},"validation":{"loss":0.1}}\n',
);

const CONFIG = bytesOf(
  JSON.stringify({
    train: '/t',
    val: '/v',
    labels: '/l.csv',
    layers: 50,
    size: 64,
    batch: 4,
    epochs: 2,
    lr: 0.005,
    seed: 1,
    onCorrupt: 'throw',
  }),
);

const LABELS = bytesOf('ID,imgName,Label,Fovea_X\n1,V0001.jpg,0,1157.74\n2,"V0002.jpg",1.0,"12""8"\n');

const TAR = (() => {
  const header = Buffer.alloc(512);
  header.write('folder/file');
  header.write('00000000005\0', 124);
  header.write('0', 156);
  return new Uint8Array(
    Buffer.concat([header, Buffer.alloc(512, 'abcde'), header, Buffer.alloc(512), Buffer.alloc(1024)]),
  );
})();

const CIRCUMSTANCES = { version: '1', adapter: 'a' };
const PASS = `forward ${'batch=2 dilationX=1'}`;
const CHOICES = bytesOf(encodeTuningTable(new TuningTable([[PASS, 'plain']]), CIRCUMSTANCES));

/** All of them; those that read files keep these in `folder`. */
export function parsersIn(folder: string): Parser[] {
  const file = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  const photographs = join(folder, 'photographs');
  mkdirSync(photographs);
  for (const name of ['V0001.jpg', 'V0002.jpg']) writeFileSync(join(photographs, name), '');
  return [
    { name: 'image header', seeds: [...JPEGS, ...PNGS], parse: (bytes) => readImageHeader(bytes) },
    { name: 'JPEG', seeds: JPEGS, parse: (bytes) => decodeImage(bytes) },
    { name: 'PNG', seeds: PNGS, parse: (bytes) => decodeImage(bytes) },
    { name: 'PNG rows', seeds: PNG_ROWS, parse: (bytes) => decodeImage(pngOf(bytes)) },
    {
      name: 'EXIF',
      seeds: [exifPayload(6, true).subarray(6), exifPayload(3, false).subarray(6)],
      parse: exifOrientation,
    },
    { name: 'safetensors header', seeds: [TENSORS, NESTED], parse: readHeader },
    { name: 'safetensors', seeds: [TENSORS], parse: decodeSafetensors },
    { name: 'checkpoint', seeds: [CHECKPOINT], parse: decodeCheckpoint },
    {
      name: 'metrics',
      seeds: [METRICS],
      async parse(bytes) {
        const path = file('metrics.jsonl', bytes);
        await readMetrics(path);
        await truncateMetrics(path, BEGINNING);
      },
    },
    {
      name: 'settings',
      seeds: [CONFIG],
      parse(bytes) {
        file('config.json', bytes);
        return RunFolder.config(folder);
      },
    },
    {
      name: 'labels',
      seeds: [LABELS],
      parse: (bytes) => readValidationFolder(photographs, file('labels.csv', bytes)),
    },
    ...ARCHIVE_PARSERS,
    ...WEIGHT_PARSERS,
    { name: 'tar', seeds: [TAR], parse: readTar },
    {
      name: 'tuning choices',
      seeds: [CHOICES],
      parse: (bytes) => decodeTuningTable(textOf(bytes), CIRCUMSTANCES),
    },
  ];
}
