/** @file The course of a training as a picture: losses above, validation accuracy and AUC below, as SVG. */

import {
  checkOptions,
  FINITE,
  isObject,
  listOf,
  NUMBER,
  type OptionRules,
  required,
  STRING,
} from '../arguments.ts';
import { type LinearScale, linearScale } from './linear-scale.ts';
import { drawPanel, PAGE, type Panel, type Point, type Series, svgText } from './plot-panel.ts';

/** The training loss of one step. */
export interface TrainingPoint {
  /** Which step, from 1. */
  readonly step: number;
  /** Its loss; a gap in the curve where it is not finite. */
  readonly loss: number;
}

/** What a validation after `step` steps found; `accuracy` and `auc` lie in [0, 1]. */
export interface ValidationPoint {
  /** Steps done before it. */
  readonly step: number;
  /** The mean loss; a gap in the curve where it is not finite. */
  readonly loss: number;
  /** The share of the samples that were predicted right. */
  readonly accuracy?: number;
  /** The area under the ROC curve. */
  readonly auc?: number;
}

/** What {@link lossCurveSvg} draws. Both lists are in the order of their steps and may be empty. */
export interface LossCurve {
  /** The line at the top. */
  readonly title: string;
  /** A line under the title, such as the model and its settings. */
  readonly subtitle?: string;
  /** The losses of the steps. */
  readonly training: readonly TrainingPoint[];
  /** The figures of the validations. */
  readonly validation: readonly ValidationPoint[];
}

const POINTS = listOf(
  {
    holds: (value) =>
      isObject(value) &&
      FINITE.holds((value as TrainingPoint).step) &&
      NUMBER.holds((value as TrainingPoint).loss),
    words: '{ step, loss }',
  },
  'an array of { step, loss }, both numbers',
);
const CURVE: OptionRules<LossCurve> = {
  title: required(STRING),
  subtitle: STRING,
  training: required(POINTS),
  validation: required(POINTS),
};

const LOSS_HEIGHT = 300;
const SCORE_HEIGHT = 170;
/** From a panel's bottom to the top of the next: tick labels, then that one's title and legend. */
const PANEL_GAP = 72;
const AXIS_HEIGHT = 58;

const COLOR = { step: '#b3cbe8', smoothed: '#2463ae', validation: '#dd6b20', auc: '#2a8f76' };

/** A loss of more than so many times the median around it is an outlier. */
const OUTLIER = 4;
/** Steps on either side that the median is taken over. */
const NEIGHBOURS = 10;

/** The smoothed loss averages over about this share of the steps, and over no fewer than that. */
const SMOOTHING = { share: 1 / 25, least: 6 };

/**
 * Training loss (every step, and smoothed), validation loss and, where given, accuracy and AUC over the steps,
 * as the text of an SVG, 960 wide. Values that are not finite leave a gap. Losses far above the others are drawn at the top
 * edge, those of validations as triangles, rather than flatten the rest. Throws 'invalid-argument' for a malformed curve.
 */
export function lossCurveSvg(curve: LossCurve): string {
  checkOptions('lossCurveSvg', curve, CURVE);
  const { title, subtitle, training, validation } = curve;
  const loss = lossPanel(training, validation, subtitle === undefined ? 100 : 122);
  const scores = scorePanel(validation, loss.bottom + PANEL_GAP);
  const panels = scores.series.length > 0 ? [loss, scores] : [loss];
  const bottom = panels.at(-1)!.bottom;
  const height = bottom + AXIS_HEIGHT;
  const x = stepScale([...training, ...validation].map(({ step }) => step));
  const middle = (PAGE.left + PAGE.right) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${PAGE.width} ${height}" width="${PAGE.width}" ` +
      `height="${height}" font-family="${PAGE.font}" font-size="13" fill="${PAGE.ink}">`,
    `<rect width="${PAGE.width}" height="${height}" fill="${PAGE.background}"/>`,
    svgText(PAGE.left, 44, title, 'font-size="23"'),
    ...(subtitle === undefined
      ? []
      : [svgText(PAGE.left, 69, subtitle, `font-size="14" fill="${PAGE.muted}"`)]),
    ...panels.flatMap((panel) => drawPanel(panel, x)),
    svgText(middle, bottom + 44, 'Training step', `text-anchor="middle" fill="${PAGE.muted}"`),
    '</svg>',
  ].join('\n');
}

function lossPanel(
  training: readonly TrainingPoint[],
  validation: readonly ValidationPoint[],
  top: number,
): Panel {
  const steps = points(training, ({ loss }) => loss);
  const ordinary = withoutOutliers(steps);
  const validated = points(validation, ({ loss }) => loss);
  const usual = steps.length > 0 ? greatest(finite(ordinary)) : median(finite(validated));
  const highest = greatest([
    ...finite(ordinary),
    ...finite(validated).filter((loss) => loss <= OUTLIER * usual),
  ]);
  const smoothed = smooth(steps, highest);
  return {
    title: 'Loss',
    top,
    bottom: top + LOSS_HEIGHT,
    domain: [0, highest > 0 ? 1.05 * highest : 1],
    format: (loss) => loss.toPrecision(3),
    series: nonEmpty([
      { name: 'training, each step', color: COLOR.step, mark: 'thin line', points: steps },
      { name: 'training, smoothed', color: COLOR.smoothed, mark: 'thick line', points: smoothed },
      { name: 'validation', color: COLOR.validation, mark: 'dots', points: validated },
    ]),
  };
}

function scorePanel(validation: readonly ValidationPoint[], top: number): Panel {
  const accuracies = points(validation, ({ accuracy }) => accuracy);
  const areas = points(validation, ({ auc }) => auc);
  const lowest = Math.min(0.9, ...finite(accuracies), ...finite(areas));
  return {
    title: 'Validation score',
    top,
    bottom: top + SCORE_HEIGHT,
    domain: [Math.floor(10 * lowest) / 10, 1],
    format: (score) => score.toFixed(3),
    series: nonEmpty([
      { name: 'accuracy', color: COLOR.validation, mark: 'dots', points: accuracies },
      { name: 'AUC', color: COLOR.auc, mark: 'dots', points: areas },
    ]),
  };
}

function points<T extends { step: number }>(
  items: readonly T[],
  y: (item: T) => number | undefined,
): Point[] {
  return items.map((item) => ({ x: item.step, y: y(item) ?? Number.NaN }));
}

function finite(points: readonly Point[]): number[] {
  return points.map(({ y }) => y).filter(Number.isFinite);
}

function greatest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), 0);
}

/** The lower of the middle two where their count is even; 0 without values. */
function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

/** The points, those far above the median of their neighbours replaced by gaps. */
function withoutOutliers(points: readonly Point[]): Point[] {
  return points.map(({ x, y }, i) => {
    const around = points.slice(Math.max(0, i - NEIGHBOURS), i + NEIGHBOURS + 1);
    return { x, y: y > OUTLIER * median(finite(around)) ? Number.NaN : y };
  });
}

function nonEmpty(series: readonly Series[]): Series[] {
  return series.filter(({ points }) => finite(points).length > 0);
}

/**
 * The exponential moving average, divided by the sum of its weights, so that it is unbiased from the start. Points above
 * `highest` are left out of it.
 */
function smooth(points: readonly Point[], highest: number): Point[] {
  const keep = 1 - 1 / Math.max(SMOOTHING.least, SMOOTHING.share * points.length);
  let sum = 0;
  let weights = 0;
  return points.map(({ x, y }) => {
    if (!Number.isFinite(y)) return { x, y };
    if (y <= highest) {
      sum = keep * sum + y;
      weights = keep * weights + 1;
    }
    return { x, y: sum / weights };
  });
}

function stepScale(steps: readonly number[]): LinearScale {
  const first = steps.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const last = steps.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const domain: [number, number] =
    first < last ? [first, last] : steps.length > 0 ? [first - 1, first + 1] : [0, 1];
  return linearScale(domain, [PAGE.left, PAGE.right]);
}
