/**
 * @file Parsers of other programs' weights, with inputs that they take.
 */

import { decodePaddleOptimizer, decodePaddleParameters } from '../../src/interop/paddle.ts';
import { writeStoredZip } from '../../src/interop/torch/stored-zip.ts';
import { decodeTorch, encodeTorch } from '../../src/interop/torch/torch.ts';
import { sourceOfBytes } from '../../src/io/zip/byte-source.ts';
import { openZip } from '../../src/io/zip/open-zip.ts';
import { fixture } from '../interop/fixtures.ts';
import type { Parser } from './parsers.ts';

const PICKLE = /\/data\.pkl$/;

/** The entries of what `torch.save` wrote. */
async function torchEntries(): Promise<[name: string, data: Uint8Array][]> {
  const archive = await openZip(sourceOfBytes(fixture('torch')), 'torch.pth');
  return Promise.all(
    archive.entries.map(
      async (entry): Promise<[string, Uint8Array]> => [entry.name, await archive.read(entry)],
    ),
  );
}
const ENTRIES = await torchEntries();
const [, SOUND_PICKLE] = ENTRIES.find(([name]) => PICKLE.test(name))!;

/** Parsers of weights; the pickle in an archive is fed apart too, so that damage comes further than its checksum. */
export const WEIGHT_PARSERS: readonly Parser[] = [
  {
    name: 'torch',
    seeds: [
      fixture('torch'),
      fixture('torchModule'),
      encodeTorch([['a', { shape: [2], data: Float32Array.of(1, 2) }]], { key: 'x' }),
    ],
    parse: decodeTorch,
  },
  {
    name: 'pickle',
    seeds: [SOUND_PICKLE],
    parse: (bytes) =>
      decodeTorch(writeStoredZip(ENTRIES.map(([name, data]) => [name, PICKLE.test(name) ? bytes : data]))),
  },
  {
    name: 'paddle',
    seeds: [fixture('paddleParameters2'), fixture('paddleParameters4')],
    parse: decodePaddleParameters,
  },
  {
    name: 'paddle optimizer',
    seeds: [fixture('paddleOptimizer2'), fixture('paddleOptimizer4')],
    parse: decodePaddleOptimizer,
  },
];
