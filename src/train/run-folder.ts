/**
 * @file The folder of a training (Node).
 *
 *     config.json          the settings
 *     metrics.jsonl        a line per step and per epoch
 *     last.safetensors     the newest checkpoint
 *     best.safetensors     that of the best epoch: by what `best` in the settings says, 'auc', 'accuracy' (the default) or 'loss'
 *     last.predictions.jsonl, best.predictions.jsonl   what these validations said of each photograph
 *     sessions.json        when and where it ran, and for how long
 *     loss.svg, loss.png   the course of it
 *     events.out.tfevents.…  the same for TensorBoard, where that is asked for: a file per session
 *     report.html          all of it, to be read
 *     model-card.md        what the network is, what it was trained on, and what it is not for
 *     .lock                the process that is working there, if any
 *
 * A process may end at any moment. `last` is the truth: what the others hold of later steps is dropped when the training is
 * resumed, and what they lack is made again.
 */

import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkArgument, FUNCTION, isObject, isPlain, OBJECT, PATH, type Rule, STRING } from '../arguments.ts';
import { check, FoveaError } from '../errors.ts';
import { acquireLock, type ReleaseLock } from '../io/lock-file.ts';
import { readRegularFile } from '../io/read-file.ts';
import { eventFiles, isEventFile, keepEvents } from '../io/tensorboard/event-files.ts';
import { SummaryWriter } from '../io/tensorboard/summary-writer.ts';
import { removeTemporaries, writeError, writeFileAtomic } from '../io/write-file.ts';
import { isBest, mendBest } from './best-checkpoint.ts';
import { type Checkpoint, checkCheckpoint } from './checkpoint.ts';
import { encodeCheckpoint } from './checkpoint-format.ts';
import type { StepReport } from './fit-options.ts';
import { appendMetrics, readMetrics, syncMetrics, truncateMetrics } from './metrics-log.ts';
import { lossCurveSvg } from './plot.ts';
import { type KeptPredictions, readPredictions, writePredictions } from './prediction-log.ts';
import { BEGINNING, BEST_BY, type BestBy, bestEpoch, type EpochReport } from './progress.ts';
import { SESSION, type TrainingSession, writeSession } from './session-log.ts';
import { svgToPng } from './svg-to-png.ts';
import { isDoneBy, scalarsOfEpoch, scalarsOfStep } from './tensorboard.ts';

const CONFIG = 'config.json';
const METRICS = 'metrics.jsonl';
const LAST = 'last.safetensors';
const BEST = 'best.safetensors';
const CURVE_SVG = 'loss.svg';
const CURVE_PNG = 'loss.png';
const LAST_PREDICTIONS = 'last.predictions.jsonl';
const BEST_PREDICTIONS = 'best.predictions.jsonl';
const SESSIONS = 'sessions.json';
const REPORT = 'report.html';
const MODEL_CARD = 'model-card.md';
const LOCK = '.lock';
/** A checkpoint that was called the best and is not of this training. */
const SET_ASIDE = 'set-aside.safetensors';
const RESULTS = [
  LAST,
  BEST,
  METRICS,
  CURVE_SVG,
  CURVE_PNG,
  LAST_PREDICTIONS,
  BEST_PREDICTIONS,
  SESSIONS,
  REPORT,
  MODEL_CARD,
];
const PNG_WIDTH = 1920;
const MAX_CONFIG_BYTES = 2 ** 20;

const SETTINGS: Rule = {
  holds: (value) => isObject(value) && isPlain(value) && isJson(value),
  words: 'an object that JSON can hold',
};

/** Writes what a training leaves behind. Only one at a time, in all processes, works on a folder. */
export class RunFolder {
  /** Where the folder lies. */
  readonly path: string;
  readonly #release: ReleaseLock;
  /** The last step of the events that lie here; undefined where there are none. */
  #eventsUntil: number | undefined;
  #events: SummaryWriter | undefined;
  readonly #bestBy: BestBy;

  private constructor(path: string, release: ReleaseLock, bestBy: BestBy) {
    check(FUNCTION.holds(release), 'invalid-argument', () => {
      return 'a RunFolder has no public constructor: use RunFolder.create() or RunFolder.open()';
    });
    this.path = path;
    this.#release = release;
    this.#bestBy = bestBy;
  }

  /**
   * A folder for a new training, made if it is missing. It may hold what a training left that ended before its first
   * checkpoint. {@link close} it in the end. `config` are the settings, which are kept there; of them, `best` says by what figure an
   * epoch is the best: 'auc', 'accuracy' or 'loss'.
   *
   * Throws 'invalid-argument' where it holds more, or anything else; 'in-use' where another training runs there;
   * 'bad-file' where it cannot be made.
   */
  static async create(path: string, config: object): Promise<RunFolder> {
    checkArgument('the path of RunFolder.create', path, PATH);
    checkArgument('the config of RunFolder.create', config, SETTINGS);
    await mkdir(path, { recursive: true }).catch((cause) => {
      throw writeError(path, cause);
    });
    return RunFolder.#locked(path, config, async (folder) => {
      const others = (await readdir(path)).filter(
        (name) => ![CONFIG, METRICS, LOCK].includes(name) && !isEventFile(name),
      );
      check(others.length === 0, 'invalid-argument', () => {
        return `${path} already holds ${others.length} files: resume its training with --resume, or name another folder.`;
      });
      for (const name of [METRICS, ...(await eventFiles(path))])
        await rm(folder.#file(name), { force: true });
      await writeFileAtomic(folder.#file(CONFIG), `${JSON.stringify(config, null, 2)}\n`);
    });
  }

  /**
   * The folder of a training to resume; {@link rewind} comes next, {@link close} in the end.
   *
   * Throws 'bad-file' where it holds none, 'in-use' where it is running.
   */
  static async open(path: string): Promise<RunFolder> {
    return RunFolder.#locked(path, await RunFolder.config(path), async () => {});
  }

  /** The settings in a folder, as JSON has them. Throws 'bad-file' where it has none. */
  static async config(path: string): Promise<unknown> {
    checkArgument('the path of a RunFolder', path, PATH);
    const file = join(path, CONFIG);
    try {
      return JSON.parse((await readRegularFile('settings', file, MAX_CONFIG_BYTES)).toString('utf8'));
    } catch (cause) {
      const reason = (cause as Error).message;
      throw new FoveaError('bad-file', `${path} holds no training: ${reason}`, { cause });
    }
  }

  /** The names of the results that a folder holds. */
  static async results(path: string): Promise<string[]> {
    checkArgument('the path of a RunFolder', path, PATH);
    const names = await readdir(path).catch((): string[] => []);
    return [...RESULTS.filter((name) => names.includes(name)), ...names.filter(isEventFile).sort()];
  }

  /** Takes the lock, removes what killed writes left, and runs `prepare`; the lock is given back where that fails. */
  static async #locked(
    path: string,
    config: unknown,
    prepare: (folder: RunFolder) => Promise<void>,
  ): Promise<RunFolder> {
    const folder = new RunFolder(path, await acquireLock(join(path, LOCK)), bestByOf(config));
    try {
      await removeTemporaries(path, [CONFIG, LOCK, ...RESULTS, ...(await eventFiles(path))]);
      await prepare(folder);
      return folder;
    } catch (error) {
      await folder.close();
      throw error;
    }
  }

  /** Lets other trainings work on the folder. */
  close(): Promise<void> {
    this.#events?.close();
    return this.#release();
  }

  /**
   * Makes the folder what it was at `checkpoint`, or, without one, before the first step: metrics, events and predictions of later steps are
   * removed, and `best` is made the checkpoint that the history names. Returns what had to be mended there, in sentences to be shown.
   */
  async rewind(checkpoint: Checkpoint | undefined): Promise<string[]> {
    if (checkpoint !== undefined) checkCheckpoint('rewind', checkpoint);
    const exists = (await RunFolder.results(this.path)).includes(BEST);
    const paths = { best: this.best, setAside: this.#file(SET_ASIDE) };
    const notes = await mendBest(paths, exists, checkpoint, this.#bestBy);
    const progress = checkpoint?.progress ?? BEGINNING;
    await truncateMetrics(this.#file(METRICS), progress);
    const last = await this.#keepPredictions(LAST_PREDICTIONS, progress.epoch - 1);
    const epoch = bestEpoch(progress.history, this.#bestBy);
    const kept = await this.#keepPredictions(BEST_PREDICTIONS, epoch);
    // A process ended between writing the two.
    if (!kept && last?.epoch === epoch) await writePredictions(this.#file(BEST_PREDICTIONS), last);
    this.#eventsUntil = (await keepEvents(this.path, isDoneBy(progress))) ? progress.step : undefined;
    return notes;
  }

  /**
   * From now on, {@link addStep} and {@link addEpoch} write events for TensorBoard too; {@link rewind} comes before. Throws
   * 'bad-file' where no file can be made.
   */
  logToTensorBoard(): void {
    this.#events ??= new SummaryWriter(this.path, { resumedAfter: this.#eventsUntil });
  }

  /** Where the newest checkpoint lies. */
  get last(): string {
    return this.#file(LAST);
  }

  /** Where the best checkpoint lies. */
  get best(): string {
    return this.#file(BEST);
  }

  /** Notes a step. */
  addStep(report: StepReport): void {
    checkArgument('the report of addStep', report, OBJECT);
    appendMetrics(this.#file(METRICS), { kind: 'step', ...report });
    this.#events?.addScalars(scalarsOfStep(report), report.step);
  }

  /** Notes an epoch. */
  addEpoch(report: EpochReport): void {
    checkArgument('the report of addEpoch', report, OBJECT);
    appendMetrics(this.#file(METRICS), { kind: 'epoch', ...report });
    this.#events?.addScalars(scalarsOfEpoch(report), report.step);
  }

  /** Notes when and where the training ran, in place of what was noted of the same session. */
  async addSession(session: TrainingSession): Promise<void> {
    checkArgument('the session of addSession', session, SESSION);
    await writeSession(this.#file(SESSIONS), session);
  }

  /**
   * Saves the newest checkpoint, and, where an epoch has just ended that is the best so far, as the best too. So it does with the
   * predictions of the validation of that epoch, where they are given.
   */
  async save(checkpoint: Checkpoint, evaluation?: Omit<KeptPredictions, 'epoch'>): Promise<void> {
    const bytes = encodeCheckpoint(checkpoint);
    if (evaluation !== undefined) checkArgument('the evaluation of save', evaluation, OBJECT);
    syncMetrics(this.#file(METRICS));
    this.#events?.flush();
    const predictions = evaluation && { ...evaluation, epoch: checkpoint.progress.epoch - 1 };
    // Each before its checkpoint: those of a later epoch are removed by rewind, those that are missing cannot be made again.
    if (predictions) await writePredictions(this.#file(LAST_PREDICTIONS), predictions);
    await writeFileAtomic(this.last, bytes);
    if (!isBest(checkpoint, this.#bestBy)) return;
    if (predictions) await writePredictions(this.#file(BEST_PREDICTIONS), predictions);
    await writeFileAtomic(this.best, bytes);
  }

  /** Writes the report of the training. */
  async writeReport(html: string): Promise<void> {
    checkArgument('the html of writeReport', html, STRING);
    await writeFileAtomic(this.#file(REPORT), html);
  }

  /** Writes the model card. */
  async writeModelCard(markdown: string): Promise<void> {
    checkArgument('the markdown of writeModelCard', markdown, STRING);
    await writeFileAtomic(this.#file(MODEL_CARD), markdown);
  }

  /** What the validation after the best epoch said; undefined where that is not known. Throws 'bad-file' for a file that does not hold it. */
  bestPredictions(): Promise<KeptPredictions | undefined> {
    return readPredictions(this.#file(BEST_PREDICTIONS));
  }

  /**
   * Draws the course of the training so far. Gives the reason where there can be no PNG of it, since the renderer does not
   * load; the SVG is there all the same.
   */
  async draw(subtitle: string): Promise<string | undefined> {
    checkArgument('the subtitle of draw', subtitle, STRING);
    const lines = await readMetrics(this.#file(METRICS));
    const training = lines.filter((line) => line.kind === 'step');
    const validation = lines
      .filter((line) => line.kind === 'epoch')
      .map(({ step, validation: { loss, accuracy, auc } }) => ({ step, loss, accuracy, auc }));
    const svg = lossCurveSvg({ title: 'Training', subtitle, training, validation });
    await writeFileAtomic(this.#file(CURVE_SVG), svg);
    try {
      await writeFileAtomic(this.#file(CURVE_PNG), await svgToPng(svg, PNG_WIDTH));
    } catch (error) {
      if (!(error instanceof FoveaError && error.code === 'unsupported')) throw error;
      return error.message;
    }
    return undefined;
  }

  /** The predictions of `epoch`; those of another one, and what cannot be read, are removed. */
  async #keepPredictions(name: string, epoch: number): Promise<KeptPredictions | undefined> {
    const path = this.#file(name);
    const found = await readPredictions(path).catch(() => undefined);
    if (found?.epoch === epoch) return found;
    await rm(path, { force: true });
    return undefined;
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}

/** What a training's settings say of it; those of an older fovea say nothing. */
export function bestByOf(config: unknown): BestBy {
  const given = isObject(config) && 'best' in config ? config.best : undefined;
  return BEST_BY.find((by) => by === given) ?? 'accuracy';
}

function isJson(value: object): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false; // a circle, or a bigint
  }
}
