/**
 * @file A report: one HTML file that needs nothing else, and runs no script.
 */

import {
  between,
  checkOptions,
  listOf,
  OBJECT,
  type OptionRules,
  oneOf,
  required,
  STRING,
} from '../arguments.ts';
import { check } from '../errors.ts';
import { escaped, type Html, html } from '../html.ts';
import { BEST_BY } from '../train/progress.ts';
import { VERSION } from '../version.ts';
import { type Charts, loadCharts } from './charts.ts';
import {
  type Facts,
  namesOf,
  type ReportContent,
  type ReportedPredictions,
  type ReportFigures,
} from './content.ts';
import { course } from './course.ts';
import { figuresOf, isJudgement, samplesOf } from './figures.ts';
import { mistakesSection } from './mistakes.ts';
import { severalClasses } from './several-classes.ts';
import { STYLE } from './style.ts';
import { twoClasses } from './two-classes.ts';

const TEXTS = listOf(STRING, 'an array of strings');
const OBJECTS = listOf(OBJECT, 'an array of objects');
const CONTENT: OptionRules<ReportContent> = {
  title: required(STRING),
  subtitle: STRING,
  notes: TEXTS,
  predictions: OBJECT,
  figures: OBJECT,
  classes: TEXTS,
  sensitivity: between(0, 1),
  mistakes: OBJECTS,
  metrics: OBJECTS,
  bestBy: oneOf(...BEST_BY),
  facts: OBJECTS,
};

/**
 * The report as the text of an HTML file. It loads nothing from elsewhere and holds no script; whatever names are in it, they are
 * text there. Photographs are in it where `mistakes` have them. Throws 'invalid-argument' for content that is none, and what `judge` and
 * `classFigures` throw.
 */
export async function renderReport(content: ReportContent): Promise<string> {
  checkOptions('renderReport', content, CONTENT);
  const { title, subtitle, notes = [], predictions, mistakes, metrics, bestBy, facts = [] } = content;
  const charts = await loadCharts();
  const names = namesOf(content.classes, predictions?.classDim ?? 1);
  const judged =
    predictions && judgedSections(charts, predictions, figuresIn(content, predictions, names), names);
  const body = html`<header><h1>${title}</h1>${subtitle === undefined ? undefined : html`<p class="muted">${subtitle}</p>`}</header>
${notes.map((note) => html`<p class="warning">${note}</p>\n`)}
${judged}
${mistakes && mistakesSection(mistakes, names)}
${metrics && course(charts, metrics, bestBy)}
${facts.length > 0 ? html`<section><h2>How it came about</h2>${facts.map(factsList)}</section>` : undefined}
<footer>Made by fovea ${VERSION}. A research tool, no medical device: nothing here is medical advice.</footer>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body><main>
${body.markup}
</main></body>
</html>
`;
}

/** The figures that were given, or else computed. Throws 'invalid-argument' for those of other predictions. */
function figuresIn(
  { figures, sensitivity }: ReportContent,
  predictions: ReportedPredictions,
  names: readonly string[],
): ReportFigures {
  if (!figures) return figuresOf(predictions, names, sensitivity);
  const { classDim, names: photographs } = predictions;
  check(
    isJudgement(figures) === (classDim === 1) && samplesOf(figures) === photographs.length,
    'invalid-argument',
    () => 'figures of renderReport are of other predictions: give what judge or classFigures says of these.',
  );
  return figures;
}

function judgedSections(
  charts: Charts,
  predictions: ReportedPredictions,
  figures: ReportFigures,
  names: readonly string[],
): Html {
  return isJudgement(figures)
    ? twoClasses(charts, predictions, figures, names)
    : severalClasses(figures, predictions.names.length, names);
}

function factsList({ title, entries }: Facts): Html {
  return html`<h3>${title}</h3><dl>${entries.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>`;
}
