/**
 * @file Reads and checks what the command line gives, before any work begins.
 */

import { stat } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import type { AdapterKind } from '../device/adapter-source.ts';
import { check } from '../errors.ts';
import type { ResNetLayers } from '../nn/resnet.ts';

const ADAPTERS: readonly AdapterKind[] = ['auto', 'hardware', 'software'];
const LAYERS: readonly ResNetLayers[] = [50, 101, 152];

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

/** How many layers a network has. */
export function layers(text: string): ResNetLayers {
  return oneOf(LAYERS, Number(text) as ResNetLayers);
}

/** The adapter wanted. */
export function adapter(text: string): AdapterKind {
  return oneOf(ADAPTERS, text as AdapterKind);
}

/** What to do about images that cannot be decoded. */
export function onCorrupt(text: string): 'throw' | 'skip' {
  return oneOf(['throw', 'skip'] as const, text as 'throw' | 'skip');
}

/** Throws 'invalid-argument' unless `path` is a folder. */
export async function checkFolder(option: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  check(found?.isDirectory() === true, 'invalid-argument', () => {
    return `${option}: ${path} ${found ? 'is a file, not a folder' : 'does not exist'}.`;
  });
}

/** Throws 'invalid-argument' unless `path` is a file. */
export async function checkFile(option: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  check(found?.isFile() === true, 'invalid-argument', () => {
    return `${option}: ${path} ${found ? 'is a folder, not a file' : 'does not exist'}.`;
  });
}

function oneOf<T>(choices: readonly T[], value: T): T {
  if (choices.includes(value)) return value;
  throw new InvalidArgumentError(`Choose one of ${choices.join(', ')}.`);
}
