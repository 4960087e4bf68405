/**
 * @file Writes figures and pictures for TensorBoard (Node).
 */

import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  BYTES,
  checkArgument,
  checkOptions,
  checkProperties,
  isObject,
  isPlain,
  type OptionRules,
  PATH,
  type Rule,
  required,
  STRING,
  whole,
} from '../../arguments.ts';
import { check } from '../../errors.ts';
import { writeError } from '../write-file.ts';
import { eventFileName } from './event-files.ts';
import { type EncodedImage, type EventContent, encodeEvent } from './events.ts';
import { encodeRecord } from './records.ts';

/** How a {@link SummaryWriter} is made. */
export interface SummaryWriterOptions {
  /**
   * The last step whose figures are in the folder already, where a training goes on. TensorBoard then forgets what it has read of
   * later steps. By default the training is new.
   */
  readonly resumedAfter?: number | undefined;
}

const STEP = whole(0);
/** An int32 of the format. */
const SIDE = required(whole(1, 2 ** 31 - 1));
const OPTIONS: OptionRules<SummaryWriterOptions> = { resumedAfter: STEP };
const IMAGE: OptionRules<EncodedImage> = { width: SIDE, height: SIDE, bytes: required(BYTES) };
const SCALARS: Rule = {
  holds: (value) =>
    isObject(value) && isPlain(value) && Object.values(value).every((scalar) => typeof scalar === 'number'),
  words: "an object of numbers by their tags, such as { 'train/loss': 0.7 }",
};
const FILE_VERSION = 'brain.Event:2';

/**
 * An event file in a folder that `tensorboard --logdir` shows. Each event is on its way to the disk when the call returns.
 *
 *     const writer = new SummaryWriter('runs/first');
 *     writer.addScalars({ 'train/loss': 0.7, 'train/accuracy': 0.5 }, 1);
 *     writer.close();
 */
export class SummaryWriter {
  /** Where the file lies. */
  readonly path: string;
  #file: number | undefined;

  /**
   * Begins a file in `folder`, which is made if it is missing. Throws 'bad-file', saying what to do, where it cannot be written, and
   * 'invalid-argument' for what is no path, and unknown options.
   */
  constructor(folder: string, options: SummaryWriterOptions = {}) {
    checkArgument('the folder of SummaryWriter', folder, PATH);
    checkOptions('SummaryWriter', options, OPTIONS);
    ({ path: this.path, file: this.#file } = begin(folder));
    try {
      this.#write(0, { fileVersion: FILE_VERSION });
      if (options.resumedAfter !== undefined) this.#write(options.resumedAfter + 1, 'session-start');
    } catch (error) {
      this.close();
      rmSync(this.path, { force: true });
      throw error;
    }
  }

  /**
   * Writes figures of a step, each by its tag; TensorBoard puts those together whose tags begin alike up to a `/`.
   *
   * Throws 'bad-file' where the file cannot be written: nothing of the event is in it then; 'disposed' after {@link close}.
   */
  addScalars(scalars: Readonly<Record<string, number>>, step: number): void {
    checkArgument('the scalars of addScalars', scalars, SCALARS);
    checkArgument('the step of addScalars', step, STEP);
    this.#write(step, { scalars });
  }

  /** Writes a picture of a step. Throws as {@link addScalars}. */
  addImage(tag: string, image: EncodedImage, step: number): void {
    checkArgument('the tag of addImage', tag, STRING);
    checkProperties('the image of addImage', image, IMAGE);
    checkArgument('the step of addImage', step, STEP);
    this.#write(step, { tag, image });
  }

  /** Forces all of it to the disk. Throws as {@link addScalars}. */
  flush(): void {
    this.#use(fsyncSync);
  }

  /** Closes the file; a second call does nothing. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #write(step: number, content: EventContent): void {
    const record = encodeRecord(encodeEvent(Date.now() / 1000, step, content));
    this.#use((file) => {
      const { size } = fstatSync(file);
      try {
        writeFileSync(file, record);
      } catch (cause) {
        ftruncateSync(file, size);
        throw cause;
      }
    });
  }

  #use(act: (file: number) => void): void {
    const file = this.#file;
    check(file !== undefined, 'disposed', () => `the SummaryWriter of ${this.path} is closed`);
    try {
      act(file);
    } catch (cause) {
      throw writeError(this.path, cause);
    }
  }
}

/** Opens the first file of this second whose name is free. */
function begin(folder: string): { path: string; file: number } {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw writeError(folder, cause);
  }
  for (let number = 0; ; number++) {
    const path = join(folder, eventFileName(Date.now() / 1000, number));
    try {
      return { path, file: openSync(path, 'ax') };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw writeError(path, cause);
    }
  }
}
