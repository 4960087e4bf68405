/**
 * @file The charts of a report, by Observable Plot: SVG whose colours are the page's.
 *
 * Plot needs a document to build elements in, and linkedom is one without a browser. Both are loaded when a report is made.
 */

import type { Markish, MarkOptions, PlotOptions, RectYOptions } from '@observablehq/plot';
import { Html } from '../html.ts';
import type { Calibration } from '../judge/calibration.ts';
import type { PrecisionRecallCurve, RocPoint } from '../judge/curves.ts';

/** A point of a line. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A point to be marked on a curve. */
export interface Mark extends Point {
  /** A colour of the page, such as `var(--warm)`. */
  readonly color: string;
}

/** A line of a chart over the steps. */
export interface Series {
  readonly points: readonly Point[];
  readonly color: string;
  /** Drawn faintly, behind the others. */
  readonly faint?: boolean;
  /** Each point is marked. */
  readonly dots?: boolean;
}

/** About what a phone is wide, so that letters keep their size there; larger screens show charts side by side. */
const WIDTH = 400;
const HEIGHT = 300;

/** Draws charts. Make one by {@link loadCharts}. */
export class Charts {
  readonly #plot: typeof import('@observablehq/plot');
  readonly #document: Document;

  constructor(plot: typeof import('@observablehq/plot'), document: Document) {
    this.#plot = plot;
    this.#document = document;
  }

  /** The ROC curve, the diagonal of guessing, and some points on it. */
  roc(points: readonly RocPoint[], marks: readonly Mark[]): Html {
    const { line, areaY, dot } = this.#plot;
    const curve = points.map(({ sensitivity, specificity }) => ({ x: 1 - specificity, y: sensitivity }));
    return this.#shares('1 − specificity', 'sensitivity', [
      this.#diagonal(),
      areaY(curve, { x: 'x', y1: 0, y2: 'y', fill: 'var(--cool)', fillOpacity: 0.08 }),
      line(curve, { x: 'x', y: 'y', stroke: 'var(--cool)', strokeWidth: 2 }),
      dot(marks, { x: 'x', y: 'y', fill: 'color', r: 5, stroke: 'var(--card)', strokeWidth: 1.5 }),
    ]);
  }

  /** The precision-recall curve over the share of positives, which guessing would reach. */
  precisionRecall({ points }: PrecisionRecallCurve, share: number): Html {
    const { line, ruleY } = this.#plot;
    const curve = points.map(({ precision, recall }) => ({ x: recall, y: precision }));
    // From the first threshold to the left, its precision.
    const whole = curve.length > 0 ? [{ x: 0, y: curve[0]!.y }, ...curve] : [];
    return this.#shares('recall', 'precision', [
      ruleY([share], { stroke: 'currentColor', strokeOpacity: 0.4, strokeDasharray: '3 4' }),
      line(whole, { x: 'x', y: 'y', stroke: 'var(--cool)', strokeWidth: 2 }),
    ]);
  }

  /** How often what was predicted came true, before and after temperature scaling; circles are as large as their bins are full. */
  reliability(before: Calibration, after: Calibration): Html {
    const { line, dot } = this.#plot;
    const filled = ({ bins }: Calibration) =>
      bins
        .filter(({ samples }) => samples > 0)
        .map(({ meanProbability, frequency, samples }) => ({ x: meanProbability, y: frequency, samples }));
    const most = Math.max(1, ...[before, after].flatMap(({ bins }) => bins.map(({ samples }) => samples)));
    const marks = (calibration: Calibration, color: string): Markish[] => [
      line(filled(calibration), { x: 'x', y: 'y', stroke: color, strokeOpacity: 0.5 }),
      dot(filled(calibration), { x: 'x', y: 'y', r: 'samples', fill: color, fillOpacity: 0.75 }),
    ];
    const circles = { domain: [0, most] as [number, number], range: [2, 11] as [number, number] };
    return this.#shares(
      'probability predicted',
      'share that is positive',
      [this.#diagonal(), ...marks(after, 'var(--warm)'), ...marks(before, 'var(--cool)')],
      { r: circles },
    );
  }

  /** How many samples of each class were given which probability. */
  distribution(probabilities: ArrayLike<number>, labels: ArrayLike<number>): Html {
    const { rectY, binX, ruleY } = this.#plot;
    const samples = Array.from(labels, (label, i) => ({ p: probabilities[i]!, label }));
    const thresholds = Array.from({ length: 21 }, (_, i) => i / 20);
    const bars = (label: number, color: string) =>
      rectY(
        samples.filter((sample) => sample.label === label),
        binX<RectYOptions>(
          { y: 'count' },
          { x: { value: 'p', thresholds }, fill: color, fillOpacity: 0.6, inset: 0.5 },
        ),
      );
    return this.#draw(
      {
        x: { label: 'probability predicted', domain: [0, 1], ticks: 5 },
        y: { label: 'photographs', grid: true, ticks: 5 },
      },
      [bars(0, 'var(--cool)'), bars(1, 'var(--warm)'), ruleY([0])],
    );
  }

  /** Lines over the steps of a training. */
  course(label: string, series: readonly Series[], options: Pick<PlotOptions, 'y'> = {}): Html {
    const { line, dot } = this.#plot;
    const marks = series.flatMap(({ points, color, faint, dots }) => {
      const shown = points.filter(({ y }) => Number.isFinite(y));
      const drawn: Markish[] = [
        line(shown, {
          ...{ x: 'x', y: 'y', stroke: color },
          ...{ strokeWidth: faint ? 1 : 2, strokeOpacity: faint ? 0.3 : 1 },
        }),
      ];
      if (dots) drawn.push(dot(shown, { x: 'x', y: 'y', fill: color, r: 3 }));
      return drawn;
    });
    return this.#draw(
      { x: { label: 'step', ticks: 5 }, y: { label, grid: true, ticks: 5, ...options.y } },
      marks,
    );
  }

  #diagonal(): Markish {
    const options: MarkOptions & Record<string, unknown> = { strokeDasharray: '3 4', strokeOpacity: 0.4 };
    return this.#plot.link([0], { x1: 0, y1: 0, x2: 1, y2: 1, stroke: 'currentColor', ...options });
  }

  /** Both axes from 0 to 1. */
  #shares(x: string, y: string, marks: Markish[], options: PlotOptions = {}): Html {
    const axis = (label: string) => ({ label, domain: [0, 1], ticks: 5, grid: true });
    return this.#draw({ x: axis(x), y: axis(y), ...options }, marks);
  }

  #draw(options: PlotOptions, marks: Markish[]): Html {
    const svg = this.#plot.plot({
      ...{ document: this.#document, width: WIDTH, height: HEIGHT, className: 'chart' },
      ...{ marginLeft: 56, marginRight: 14, marginTop: 28, marginBottom: 40, style: { fontSize: '12px' } },
      ...options,
      marks,
    });
    return new Html(withoutNoise(svg.outerHTML));
  }
}

/** Loads what draws. */
export async function loadCharts(): Promise<Charts> {
  const [plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')]);
  return new Charts(plot, parseHTML('<!doctype html><body></body>').document);
}

/** Rounds coordinates to hundredths of a pixel, and leaves out the style that Plot repeats in each chart: the page has it. */
function withoutNoise(svg: string): string {
  const rounded = (number: string) => String(Math.round(Number(number) * 100) / 100);
  return svg
    .replace(/<style>.*?<\/style>/s, '')
    .replaceAll(/="[^"]*"/g, (attribute) => attribute.replaceAll(/-?\d+\.\d{3,}/g, rounded));
}
