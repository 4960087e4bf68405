/**
 * @file Reads a file of weights that an option names.
 */

import { FoveaError, messageOf } from '../errors.ts';
import { type DecodedWeights, decodeWeights } from '../interop/weights.ts';
import { readRegularFile } from '../io/read-file.ts';
import { checkFile } from './arguments.ts';

/** Of what one read gives. */
const MAX_BYTES = 2 ** 31 - 2;

/**
 * The weights of a ResNet in `path`, which `option` names. Throws 'invalid-argument' where there is no such file, and what
 * `decodeWeights` throws, naming the file.
 */
export async function readWeights(option: string, path: string): Promise<DecodedWeights> {
  return decodeWeights(await readWeightBytes(option, path)).catch((cause: unknown) => {
    if (!(cause instanceof FoveaError)) throw cause;
    throw new FoveaError(cause.code, `Cannot read the weights ${path}: ${messageOf(cause)}`, { cause });
  });
}

/** The bytes of such a file, or of what lies beside it. */
export async function readWeightBytes(option: string, path: string): Promise<Uint8Array> {
  await checkFile(option, path);
  return readRegularFile('weights', path, MAX_BYTES);
}
