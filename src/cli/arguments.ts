/**
 * @file Reads and checks what the command line gives, before any work begins.
 */

import { access, constants, lstat, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { DECODERS, type Decoder } from '../data/decoder.ts';
import type { AdapterKind } from '../device/adapter-source.ts';
import { check, FoveaError } from '../errors.ts';
import { kindOf } from '../io/read-file.ts';
import { RESNET_LAYERS, type ResNetLayers } from '../nn/resnet.ts';
import { BEST_BY, type BestBy } from '../train/progress.ts';

const ADAPTERS: readonly AdapterKind[] = ['auto', 'hardware', 'software'];

/** What the option `--max-pixels` is for, in three commands. */
export const MAX_PIXELS_HELP = 'the most pixels a photograph may have; larger ones count as damaged';

/** A parser of whole numbers from `least` to `most`. */
export function integer(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number ${range}.`);
  };
}

/** A number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Give a number above 0.');
}

/** A number from 0 to 1. */
export function fraction(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('Give a number from 0 to 1.');
}

/** A number between 0 and 1, neither of them. */
export function partOfAll(text: string): number {
  const value = Number(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError('Give a number between 0 and 1, such as 0.2.');
}

/** How many layers a network has. */
export function layers(text: string): ResNetLayers {
  return oneOf(RESNET_LAYERS, Number(text) as ResNetLayers);
}

/** The adapter wanted. */
export function adapter(text: string): AdapterKind {
  return oneOf(ADAPTERS, text as AdapterKind);
}

/** What to do about images that cannot be decoded. */
export function onCorrupt(text: string): 'throw' | 'skip' {
  return oneOf(['throw', 'skip'] as const, text as 'throw' | 'skip');
}

/** What makes an epoch the best. */
export function bestBy(text: string): BestBy {
  return oneOf(BEST_BY, text as BestBy);
}

/** What decodes images. */
export function decoder(text: string): Decoder {
  return oneOf(DECODERS, text as Decoder);
}

/** Throws 'invalid-argument' unless `path` is a file. */
export async function checkFile(option: string, path: string): Promise<void> {
  const found = await kindAt(option, path);
  check(found === 'a file', 'invalid-argument', () => `${option}: ${path} is ${found}, not a file.`);
}

/** Throws 'invalid-argument' unless `path` is a folder or a file, such as an archive. */
export async function checkFolderOrFile(option: string, path: string): Promise<void> {
  const found = await kindAt(option, path);
  check(found === 'a folder' || found === 'a file', 'invalid-argument', () => {
    return `${option}: ${path} is ${found}, neither a folder nor a file.`;
  });
}

/** Throws 'invalid-argument' where no file can be written at `path`: asked before the work whose result it is to hold. */
export async function checkOutput(option: string, path: string): Promise<void> {
  check(path !== '', 'invalid-argument', () => `${option}: the path is empty: name a file.`);
  const folder = dirname(path);
  const found = await kindAt(option, folder);
  check(found === 'a folder', 'invalid-argument', () => `${option}: ${folder} is ${found}, not a folder.`);
  const isFolder = await stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  check(!isFolder, 'invalid-argument', () => `${option}: ${path} is a folder: name a file.`);
  await access(folder, constants.W_OK).catch((cause) => {
    const message = `${option}: you may not write into ${folder}: name a file elsewhere.`;
    throw new FoveaError('invalid-argument', message, { cause });
  });
}

/** What lies at a path, links followed. Throws 'invalid-argument' where nothing does, or none may look. */
async function kindAt(option: string, path: string): Promise<string> {
  try {
    return kindOf(await stat(path));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const isLink = await lstat(path)
      .then((entry) => entry.isSymbolicLink())
      .catch(() => false);
    const missing = isLink ? 'is a link to what does not exist' : 'does not exist';
    const reason = code === 'ENOENT' ? missing : `cannot be inspected: ${message}`;
    throw new FoveaError('invalid-argument', `${option}: ${path} ${reason}.`, { cause });
  }
}

/** A parser of one of these words. */
export function choice<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => oneOf(choices, text as T);
}

function oneOf<T>(choices: readonly T[], value: T): T {
  if (choices.includes(value)) return value;
  throw new InvalidArgumentError(`Choose one of ${choices.join(', ')}.`);
}
