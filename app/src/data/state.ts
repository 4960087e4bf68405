/**
 * @file What the page Data shows, and what can be done there.
 */

import { computed, signal } from '@preact/signals';
import type { CorruptImage, PlacedFile } from 'fovea';
import { runTask } from '../engine/client.ts';
import { type Failure, failureOf } from '../engine/failure.ts';
import type { DataInput, DataSummary, Layout } from './data-set.ts';
import type { DrawInput } from './draw-data.ts';

/** What is drawn for who has no photographs. */
export const DRAWN: DrawInput = { training: 40, validation: 20, size: 256, seed: 1 };

/** How the files are to be read. */
export const options = signal<Omit<DataInput, 'files'>>({});

/** What the data was, or is being, read from. */
export const files = signal<readonly PlacedFile[]>([]);

/** All of it, as the engine takes it. */
export const input = computed<DataInput>(() => ({ ...options.value, files: files.value }));

/** What was found. */
export const summary = signal<DataSummary | undefined>(undefined);

/** What is being done. */
export const busy = signal<
  { readonly what: 'reading' } | { readonly what: 'drawing' | 'checking'; readonly done: number } | undefined
>(undefined);

/** What went wrong. */
export const failure = signal<Failure | undefined>(undefined);

/** The photographs that cannot be read; undefined where nobody looked. */
export const damaged = signal<readonly CorruptImage[] | undefined>(undefined);

/** Whether there is something to train on. */
export const hasData = computed(() => (summary.value?.photographs.length ?? 0) > 0);

/** Adds files to those that were chosen before, in place of those at the same path, and reads all. */
export async function addFiles(added: Promise<PlacedFile[]> | readonly PlacedFile[]): Promise<void> {
  await attempt(async () => {
    busy.value = { what: 'reading' };
    const placed = await added;
    const paths = new Set(placed.map(({ path }) => path));
    files.value = [...files.value.filter(({ path }) => !paths.has(path)), ...placed];
    await read();
  });
}

/** Reads the same files in another way. */
export async function readAgain(layout: Layout | undefined, columns: Partial<DataInput> = {}): Promise<void> {
  options.value = { ...options.value, ...columns, layout };
  await attempt(read);
}

/** Draws photographs. */
export async function draw(): Promise<void> {
  await attempt(async () => {
    busy.value = { what: 'drawing', done: 0 };
    options.value = {};
    files.value = await runTask('drawData', DRAWN, {
      onEvent: (done) => {
        busy.value = { what: 'drawing', done };
      },
    });
    await read();
  });
}

/** Decodes all photographs. */
export async function check(): Promise<void> {
  await attempt(async () => {
    busy.value = { what: 'checking', done: 0 };
    damaged.value = await runTask('checkData', undefined, {
      onEvent: (done) => {
        busy.value = { what: 'checking', done };
      },
    });
  });
}

/** Forgets all files. */
export function clear(): void {
  files.value = [];
  options.value = {};
  summary.value = undefined;
  damaged.value = undefined;
  failure.value = undefined;
}

/** Shows data that was read elsewhere: for a training that is resumed. */
export function showData(read: DataInput, found: DataSummary): void {
  const { files: ofInput, ...rest } = read;
  files.value = ofInput;
  options.value = rest;
  summary.value = found;
}

async function read(): Promise<void> {
  busy.value = { what: 'reading' };
  summary.value = undefined;
  damaged.value = undefined;
  if (files.value.length > 0) summary.value = await runTask('readData', input.value);
}

async function attempt(work: () => Promise<void>): Promise<void> {
  failure.value = undefined;
  try {
    await work();
  } catch (error) {
    failure.value = failureOf(error);
  } finally {
    busy.value = undefined;
  }
}
