/**
 * @file The report of a training: what `fovea report` makes of a run folder, as far as the page has it.
 */

import {
  type EpochReport,
  illustrateMistakes,
  type Mistake,
  renderReport,
  VERSION,
  worstMistakes,
} from 'fovea';
import { judgementOf } from '../judge/judge-training.ts';
import { counted } from '../text/en/counted.ts';
import { BEST_BY } from '../train/best-model.ts';
import { modelOf, stepOf, type Which } from '../train/trained-model.ts';
import type { TrainingSession } from '../train/training-session.ts';

/** With the photographs that were taken for something else. */
export async function illustratedReport(session: TrainingSession, which: Which): Promise<string> {
  const { evaluation } = await judgementOf(session, which);
  const pictures = { model: await modelOf(session, which), dataset: session.validation.dataset };
  return reportWith(session, which, await illustrateMistakes(worstMistakes(evaluation), pictures));
}

/** Without them. */
export async function reportOf(session: TrainingSession, which: Which): Promise<string> {
  const { evaluation } = await judgementOf(session, which);
  return reportWith(session, which, worstMistakes(evaluation));
}

async function reportWith(
  session: TrainingSession,
  which: Which,
  mistakes: readonly Mistake[],
): Promise<string> {
  const { about, data, device, progress, curve } = session;
  const { config, settings = {} } = about;
  const { layers, size } = config;
  const { evaluation, judgement, figures, step } = await judgementOf(session, which);
  const epoch = roundOf(session, which);
  const round: [string, string][] = epoch
    ? [['round', `${epoch.epoch + 1}${which === 'best' ? `, the best by ${BEST_BY}` : ''}`]]
    : [];
  return renderReport({
    title: 'Training report',
    subtitle: `ResNet-${layers}, ${size} × ${size} pixels, ${counted(evaluation.names.length, 'photograph')}`,
    predictions: evaluation,
    figures: judgement ?? figures,
    bestBy: BEST_BY,
    classes: data.classes,
    mistakes,
    metrics: [
      ...curve.points.map((report) => ({ kind: 'step' as const, ...report })),
      ...(progress?.history ?? []).map((report) => ({ kind: 'epoch' as const, ...report })),
    ],
    facts: [
      { title: 'Settings', entries: [['layers', layers], ['size', size], ...Object.entries(settings)] },
      {
        title: 'Training',
        entries: [
          ['steps', step],
          ...round,
          ['training photographs', data.training.length],
          ['validation photographs', data.validation.length],
          ['adapter', device.info.name],
          ['fovea', VERSION],
          ['browser', navigator.userAgent],
        ],
      },
    ],
  });
}

/** What the round came to that ended with the model; undefined where that was taken within one. */
export function roundOf(session: TrainingSession, which: Which): EpochReport | undefined {
  const step = stepOf(session, which);
  return session.progress?.history.find((report) => report.step === step);
}
