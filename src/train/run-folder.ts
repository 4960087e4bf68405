/**
 * @file The folder of a training (Node); `run-files.ts` says which files lie in it.
 *
 * A process may end at any moment. `last` is the truth: what the others hold of later steps is dropped when the training is
 * resumed, and what they lack is made again.
 */

import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkArgument, FUNCTION, OBJECT, PATH, STRING } from '../arguments.ts';
import { counted } from '../counted.ts';
import { check } from '../errors.ts';
import { acquireLock, type ReleaseLock } from '../io/lock-file.ts';
import { eventFiles, isEventFile, keepEvents } from '../io/tensorboard/event-files.ts';
import { SummaryWriter } from '../io/tensorboard/summary-writer.ts';
import { removeTemporaries, writeError, writeFileAtomic } from '../io/write-file.ts';
import { isBest, mendBest } from './best-checkpoint.ts';
import { type Checkpoint, checkCheckpoint } from './checkpoint.ts';
import { encodeCheckpoint } from './checkpoint-format.ts';
import { drawCourse } from './draw-course.ts';
import type { StepReport } from './fit-options.ts';
import { appendMetrics, syncMetrics, truncateMetrics } from './metrics-log.ts';
import { type KeptPredictions, readPredictions, writePredictions } from './prediction-log.ts';
import { BEGINNING, type BestBy, bestEpoch, type EpochReport } from './progress.ts';
import { FILES, RESULTS, resultsIn } from './run-files.ts';
import { bestByOf, readSettings, SETTINGS } from './run-settings.ts';
import { SESSION, type TrainingSession, writeSession } from './session-log.ts';
import { isDoneBy, scalarsOfEpoch, scalarsOfStep } from './tensorboard.ts';

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
      const begun: readonly string[] = [FILES.config, FILES.metrics, FILES.lock];
      const found = await readdir(path);
      const others = found.filter((name) => !begun.includes(name) && !isEventFile(name));
      check(others.length === 0, 'invalid-argument', () => {
        return `${path} already holds ${counted(others.length, 'file')}: resume its training with --resume, or name another folder.`;
      });
      for (const name of [FILES.metrics, ...(await eventFiles(path))])
        await rm(folder.#file(name), { force: true });
      await folder.#writeSettings(config);
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
    return readSettings(path);
  }

  /**
   * Has the folder keep other settings from now on, so that a training that is resumed once more goes on with them: for what may change
   * on the way, the number of epochs for instance. Throws 'invalid-argument' where `best` differs, by which the best epoch was chosen;
   * 'bad-file' where they cannot be written.
   */
  async keepSettings(config: object): Promise<void> {
    checkArgument('the config of keepSettings', config, SETTINGS);
    check(bestByOf(config) === this.#bestBy, 'invalid-argument', () => {
      return `keepSettings: best is ${bestByOf(config)}, but ${this.path} chose its best epoch by ${this.#bestBy}.`;
    });
    if (JSON.stringify(config) !== JSON.stringify(await readSettings(this.path)))
      await this.#writeSettings(config);
  }

  /** The names of the results that a folder holds. */
  static async results(path: string): Promise<string[]> {
    checkArgument('the path of a RunFolder', path, PATH);
    return resultsIn(path);
  }

  /** Takes the lock, removes what killed writes left, and runs `prepare`; the lock is given back where that fails. */
  static async #locked(
    path: string,
    config: unknown,
    prepare: (folder: RunFolder) => Promise<void>,
  ): Promise<RunFolder> {
    const folder = new RunFolder(path, await acquireLock(join(path, FILES.lock)), bestByOf(config));
    try {
      await removeTemporaries(path, [FILES.config, FILES.lock, ...RESULTS, ...(await eventFiles(path))]);
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
    const exists = (await RunFolder.results(this.path)).includes(FILES.best);
    const paths = { best: this.best, setAside: this.#file(FILES.setAside) };
    const notes = await mendBest(paths, exists, checkpoint, this.#bestBy);
    const progress = checkpoint?.progress ?? BEGINNING;
    await truncateMetrics(this.#file(FILES.metrics), progress);
    const last = await this.#keepPredictions(FILES.lastPredictions, progress.epoch - 1);
    const epoch = bestEpoch(progress.history, this.#bestBy);
    const kept = await this.#keepPredictions(FILES.bestPredictions, epoch);
    // A process ended between writing the two.
    if (!kept && last?.epoch === epoch) await writePredictions(this.#file(FILES.bestPredictions), last);
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
    return this.#file(FILES.last);
  }

  /** Where the best checkpoint lies. */
  get best(): string {
    return this.#file(FILES.best);
  }

  /** Notes a step. */
  addStep(report: StepReport): void {
    checkArgument('the report of addStep', report, OBJECT);
    appendMetrics(this.#file(FILES.metrics), { kind: 'step', ...report });
    this.#events?.addScalars(scalarsOfStep(report), report.step);
  }

  /** Notes an epoch. */
  addEpoch(report: EpochReport): void {
    checkArgument('the report of addEpoch', report, OBJECT);
    appendMetrics(this.#file(FILES.metrics), { kind: 'epoch', ...report });
    this.#events?.addScalars(scalarsOfEpoch(report), report.step);
  }

  /** Notes when and where the training ran, in place of what was noted of the same session. */
  async addSession(session: TrainingSession): Promise<void> {
    checkArgument('the session of addSession', session, SESSION);
    await writeSession(this.#file(FILES.sessions), session);
  }

  /**
   * Saves the newest checkpoint, and, where an epoch has just ended that is the best so far, as the best too. So it does with the
   * predictions of the validation of that epoch, where they are given.
   */
  async save(checkpoint: Checkpoint, evaluation?: Omit<KeptPredictions, 'epoch'>): Promise<void> {
    const bytes = encodeCheckpoint(checkpoint);
    if (evaluation !== undefined) checkArgument('the evaluation of save', evaluation, OBJECT);
    syncMetrics(this.#file(FILES.metrics));
    this.#events?.flush();
    const predictions = evaluation && { ...evaluation, epoch: checkpoint.progress.epoch - 1 };
    // Each before its checkpoint: those of a later epoch are removed by rewind, those that are missing cannot be made again.
    if (predictions) await writePredictions(this.#file(FILES.lastPredictions), predictions);
    await writeFileAtomic(this.last, bytes);
    if (!isBest(checkpoint, this.#bestBy)) return;
    if (predictions) await writePredictions(this.#file(FILES.bestPredictions), predictions);
    await writeFileAtomic(this.best, bytes);
  }

  /** Writes the report of the training. */
  async writeReport(html: string): Promise<void> {
    checkArgument('the html of writeReport', html, STRING);
    await writeFileAtomic(this.#file(FILES.report), html);
  }

  /** Writes the model card. */
  async writeModelCard(markdown: string): Promise<void> {
    checkArgument('the markdown of writeModelCard', markdown, STRING);
    await writeFileAtomic(this.#file(FILES.modelCard), markdown);
  }

  /** What the validation after the best epoch said; undefined where that is not known. Throws 'bad-file' for a file that does not hold it. */
  bestPredictions(): Promise<KeptPredictions | undefined> {
    return readPredictions(this.#file(FILES.bestPredictions));
  }

  /**
   * Draws the course of the training so far. Gives the reason where there can be no PNG of it, since the renderer does not
   * load; the SVG is there all the same.
   */
  async draw(subtitle: string): Promise<string | undefined> {
    checkArgument('the subtitle of draw', subtitle, STRING);
    return drawCourse(this.path, subtitle);
  }

  /** The predictions of `epoch`; those of another one, and what cannot be read, are removed. */
  async #keepPredictions(name: string, epoch: number): Promise<KeptPredictions | undefined> {
    const path = this.#file(name);
    const found = await readPredictions(path).catch(() => undefined);
    if (found?.epoch === epoch) return found;
    await rm(path, { force: true });
    return undefined;
  }

  #writeSettings(config: object): Promise<void> {
    return writeFileAtomic(this.#file(FILES.config), `${JSON.stringify(config, null, 2)}\n`);
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}
