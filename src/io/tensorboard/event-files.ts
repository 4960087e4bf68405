/**
 * @file The event files in a folder: `events.out.tfevents.…` (Node). Each session of a training writes one of its own.
 */

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readRegularFile } from '../read-file.ts';
import { writeFileAtomic } from '../write-file.ts';
import { type EventNote, readEvent } from './events.ts';
import { readRecords } from './records.ts';

/** Seconds since 1970, and a number that makes the name unique: read in the order of the names, events are in order. */
const NAME = /^events\.out\.tfevents\.\d{10}\.fovea\.\d+$/;
const MAX_BYTES = 2 ** 31 - 2;

/** The name of the `number`-th file begun in a second. */
export function eventFileName(seconds: number, number: number): string {
  return `events.out.tfevents.${String(Math.floor(seconds)).padStart(10, '0')}.fovea.${number}`;
}

/** Whether a file of that name is one of ours. */
export const isEventFile = (name: string): boolean => NAME.test(name);

/** The names of the event files in `folder`, the oldest first. */
export async function eventFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter(isEventFile).sort();
}

/**
 * Removes the events that `keeps` does not want, and what follows one that was cut off or damaged. A file is replaced as a
 * whole, so that a TensorBoard that reads the old one is not led astray. Returns whether any event with values is left.
 *
 * Throws 'bad-file' where a file cannot be read or written.
 */
export async function keepEvents(folder: string, keeps: (event: EventNote) => boolean): Promise<boolean> {
  let anyLeft = false;
  for (const name of await eventFiles(folder)) {
    const path = join(folder, name);
    const file = await readRegularFile('event file', path, MAX_BYTES);
    const kept: Uint8Array[] = [];
    let hasValues = false;
    for (const { data, bytes } of readRecords(file)) {
      const event = readEvent(data);
      if (!event) break;
      if (!keeps(event)) continue;
      kept.push(bytes);
      hasValues ||= event.tags.length > 0;
    }
    if (!hasValues) await rm(path, { force: true });
    else if (kept.reduce((sum, { length }) => sum + length, 0) !== file.length) {
      await writeFileAtomic(path, Buffer.concat(kept));
    }
    anyLeft ||= hasValues;
  }
  return anyLeft;
}
