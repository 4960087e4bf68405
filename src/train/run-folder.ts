/**
 * @file The folder of a training (Node).
 *
 *     config.json          the settings
 *     metrics.jsonl        a line a step, a line an epoch
 *     last.safetensors     the newest checkpoint
 *     best.safetensors     that of the epoch with the best validation accuracy
 *     loss.svg, loss.png   the course of it
 */

import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check, FoveaError } from '../errors.ts';
import { writeFileAtomic } from '../io/write-file.ts';
import { type Checkpoint, encodeCheckpoint } from './checkpoint.ts';
import type { StepReport } from './fit.ts';
import { appendMetrics, readMetrics, truncateMetrics } from './metrics-log.ts';
import { lossCurveSvg } from './plot.ts';
import type { EpochReport, TrainingProgress } from './progress.ts';
import { svgToPng } from './svg-to-png.ts';

const CONFIG = 'config.json';
const METRICS = 'metrics.jsonl';
const PNG_WIDTH = 1920;

/** Writes what a training leaves behind. */
export class RunFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * A folder for a new training, made if it is missing. Throws 'invalid-argument' where it holds a training, or anything else,
   * 'bad-file' where it cannot be made.
   */
  static async create(path: string, config: object): Promise<RunFolder> {
    const entries = await mkdir(path, { recursive: true })
      .then(() => readdir(path))
      .catch((cause: Error) => {
        throw new FoveaError('bad-file', `Cannot make the folder ${path}: ${cause.message}`, { cause });
      });
    // Settings alone are left by a training that failed before its first step.
    const others = entries.filter((name) => name !== CONFIG);
    check(others.length === 0, 'invalid-argument', () => {
      return `${path} already holds ${others.length} files: go on with --resume, or name another folder.`;
    });
    const folder = new RunFolder(path);
    await writeFileAtomic(folder.#file(CONFIG), `${JSON.stringify(config, null, 2)}\n`);
    return folder;
  }

  /** The folder of a training to go on with from `progress`; metrics of later steps are removed. */
  static async resume(path: string, progress: TrainingProgress): Promise<RunFolder> {
    const folder = new RunFolder(path);
    await truncateMetrics(folder.#file(METRICS), progress);
    return folder;
  }

  /** The settings in a folder. Throws 'bad-file' where it has none. */
  static async config(path: string): Promise<object> {
    const file = join(path, CONFIG);
    try {
      return JSON.parse(await readFile(file, 'utf8'));
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new FoveaError('bad-file', `${path} holds no training to go on with: ${reason}`, { cause });
    }
  }

  /** Where the newest checkpoint lies. */
  get last(): string {
    return this.#file('last.safetensors');
  }

  /** Where the best checkpoint lies. */
  get best(): string {
    return this.#file('best.safetensors');
  }

  /** Notes a step. */
  addStep(report: StepReport): void {
    appendMetrics(this.#file(METRICS), { kind: 'step', ...report });
  }

  /** Notes an epoch. */
  addEpoch(report: EpochReport): void {
    appendMetrics(this.#file(METRICS), { kind: 'epoch', ...report });
  }

  /** Saves the newest checkpoint, and, where an epoch has just ended that is the best so far, as the best too. */
  async save(checkpoint: Checkpoint): Promise<void> {
    const bytes = encodeCheckpoint(checkpoint);
    await writeFileAtomic(this.last, bytes);
    const { batch, history } = checkpoint.progress;
    const accuracies = history.map(({ validation }) => validation.accuracy);
    const isBest =
      accuracies.length > 0 && accuracies.indexOf(Math.max(...accuracies)) === history.length - 1;
    if (batch === 0 && isBest) await writeFileAtomic(this.best, bytes);
  }

  /**
   * Draws the course of the training so far. Gives the reason where there can be no PNG of it, since the renderer does not
   * load; the SVG is there all the same.
   */
  async draw(subtitle: string): Promise<string | undefined> {
    const lines = await readMetrics(this.#file(METRICS));
    const training = lines.filter((line) => line.kind === 'step');
    const validation = lines
      .filter((line) => line.kind === 'epoch')
      .map(({ step, validation: { loss, accuracy, auc } }) => ({ step, loss, accuracy, auc }));
    const svg = lossCurveSvg({ title: 'Training', subtitle, training, validation });
    await writeFileAtomic(this.#file('loss.svg'), svg);
    try {
      await writeFileAtomic(this.#file('loss.png'), await svgToPng(svg, PNG_WIDTH));
    } catch (error) {
      if (!(error instanceof FoveaError && error.code === 'unsupported')) throw error;
      return error.message;
    }
    return undefined;
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}
