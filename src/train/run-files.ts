/**
 * @file The files in the folder of a training (Node).
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

import { readdir } from 'node:fs/promises';
import { isEventFile } from '../io/tensorboard/event-files.ts';

/** The names of the files, whose contents are told above. */
export const FILES = {
  config: 'config.json',
  metrics: 'metrics.jsonl',
  last: 'last.safetensors',
  best: 'best.safetensors',
  curveSvg: 'loss.svg',
  curvePng: 'loss.png',
  lastPredictions: 'last.predictions.jsonl',
  bestPredictions: 'best.predictions.jsonl',
  sessions: 'sessions.json',
  report: 'report.html',
  modelCard: 'model-card.md',
  lock: '.lock',
  /** A checkpoint that was called the best and is not of this training. */
  setAside: 'set-aside.safetensors',
} as const;

/** Those that tell what came of the training, but for the events, in the order in which they are listed. */
export const RESULTS: readonly string[] = [
  ...[FILES.last, FILES.best, FILES.metrics, FILES.curveSvg, FILES.curvePng],
  ...[FILES.lastPredictions, FILES.bestPredictions, FILES.sessions, FILES.report, FILES.modelCard],
];

/** The names of the results in a folder, events last; none where there is no folder. */
export async function resultsIn(path: string): Promise<string[]> {
  const names = await readdir(path).catch((): string[] => []);
  return [...RESULTS.filter((name) => names.includes(name)), ...names.filter(isEventFile).sort()];
}
