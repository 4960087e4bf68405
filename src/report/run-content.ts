/**
 * @file What a run folder tells of its training, as content of a report (Node).
 */

import { join } from 'node:path';
import { checkArgument, checkOptions, isObject, type OptionRules, oneOf, PATH } from '../arguments.ts';
import { counted } from '../counted.ts';
import { type MetricsLine, readMetrics } from '../train/metrics-log.ts';
import { type KeptPredictions, readPredictions } from '../train/prediction-log.ts';
import { type BestBy, bestEpoch } from '../train/progress.ts';
import { RunFolder } from '../train/run-folder.ts';
import { bestByOf } from '../train/run-settings.ts';
import { readSessions, type TrainingSession } from '../train/session-log.ts';
import { type Facts, FIGURE_NAMES, type ReportContent } from './content.ts';

/** How {@link runContent} goes about it. */
export interface RunContentOptions {
  /** Whose predictions are judged: those of the best epoch, by default, or of the last. */
  readonly epoch?: 'best' | 'last' | undefined;
}

/** What {@link runContent} gives. */
export interface RunContent extends ReportContent {
  readonly predictions: KeptPredictions | undefined;
}

const OPTIONS: OptionRules<RunContentOptions> = { epoch: oneOf('best', 'last') };

/**
 * All but the photographs: for {@link renderReport}, together with what you add. Predictions are missing where the folder is an older
 * fovea's, or the training ended before its first validation; a note says so. Throws 'bad-file' where there is no training or a file of it
 * cannot be read.
 */
export async function runContent(path: string, options: RunContentOptions = {}): Promise<RunContent> {
  checkArgument('the path of runContent', path, PATH);
  checkOptions('runContent', options, OPTIONS);
  const { epoch: which = 'best' } = options;
  const config = await RunFolder.config(path);
  const metrics = await readMetrics(join(path, 'metrics.jsonl'));
  const sessions = await readSessions(join(path, 'sessions.json'));
  const predictions = await readPredictions(join(path, `${which}.predictions.jsonl`));
  const bestBy = bestByOf(config);
  return {
    title: 'Training report',
    subtitle: subtitleOf(config, metrics),
    notes: [noteOf(metrics, predictions, which, bestBy)],
    predictions,
    metrics,
    bestBy,
    facts: [settingsOf(config), ...machinesOf(sessions)],
  };
}

function subtitleOf(config: unknown, metrics: readonly MetricsLine[]): string {
  const { layers, size } = (isObject(config) ? config : {}) as { layers?: unknown; size?: unknown };
  const network = layers === undefined ? [] : [`ResNet-${layers}`];
  const images = size === undefined ? [] : [`${size} × ${size} pixels`];
  const epochs = metrics.filter(({ kind }) => kind === 'epoch').length;
  return [...network, ...images, counted(epochs, 'epoch')].join(', ');
}

function noteOf(
  metrics: readonly MetricsLine[],
  predictions: KeptPredictions | undefined,
  which: 'best' | 'last',
  by: BestBy,
): string {
  const epochs = metrics.filter((line) => line.kind === 'epoch');
  const last = epochs.at(-1);
  if (!predictions || !last)
    return 'This folder holds no predictions for single photographs, so there are no curves here: fovea eval --report makes a report with them from a checkpoint.';
  const { auc, weightedAccuracy } = last.validation;
  const figures = `AUC ${auc.toFixed(3)} and accuracy ${(100 * weightedAccuracy).toFixed(1)} %`;
  const judged = `The figures are of the validation after epoch ${predictions.epoch + 1}`;
  if (which === 'last' || predictions.epoch === last.epoch)
    return bestEpoch(epochs, by) === epochs.length - 1
      ? `${judged}, the last, which is also the best by ${FIGURE_NAMES[by]}.`
      : `${judged}, the last.`;
  return `${judged}, the best by ${FIGURE_NAMES[by]}. The same photographs chose it, so they flatter it: after the last epoch, ${last.epoch + 1}, they gave ${figures}.`;
}

/** The settings as they stand in `config.json`. */
function settingsOf(config: unknown): Facts {
  const entries = Object.entries(isObject(config) ? config : {});
  return {
    title: 'Settings',
    entries: entries.map(([name, value]): [string, string] => {
      return [name, typeof value === 'string' ? value : (JSON.stringify(value) ?? '')];
    }),
  };
}

function machinesOf(sessions: readonly TrainingSession[]): Facts[] {
  return sessions.map((session, i) => ({
    title: sessions.length === 1 ? 'Machine' : `Session ${i + 1}`,
    entries: [
      ['began', session.started],
      ['took', durationText(session.seconds)],
      ['steps', `${session.fromStep + 1} to ${session.toStep}`],
      ['adapter', session.adapter],
      ['fovea', session.version],
      ['runtime', session.runtime],
    ],
  }));
}

function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
