/** @file One panel of a plot in SVG: title, legend, grid, axes, series, and their last values beside them. */

import { compactTick, type LinearScale, linearScale, tickFormat, ticksOf } from './linear-scale.ts';

/** A point in the units of the axes; one whose `y` is not finite breaks its line. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What is drawn in one colour under one name. */
export interface Series {
  readonly name: string;
  readonly color: string;
  /** `dots` joins its dots by a fine line. */
  readonly mark: 'thin line' | 'thick line' | 'dots';
  readonly points: readonly Point[];
}

/** A coordinate system and what it holds; `top` and `bottom` in pixels of the page. */
export interface Panel {
  readonly title: string;
  readonly top: number;
  readonly bottom: number;
  /** The values of y at the bottom and at the top; what lies beyond is drawn at the edge, dots as triangles. */
  readonly domain: readonly [number, number];
  /** How a last value is written. */
  readonly format: (y: number) => string;
  readonly series: readonly Series[];
}

/** The look of the page. The last values stand between `right` and `width`. */
export const PAGE = {
  width: 960,
  left: 64,
  right: 888,
  background: '#ffffff',
  ink: '#1f2933',
  muted: '#66727f',
  grid: '#e8ecf0',
  axis: '#aab4be',
  /** Questrial comes along for PNGs; an SVG viewer without it takes its own. */
  font: "Questrial, 'Helvetica Neue', Arial, sans-serif",
};

const STROKE_WIDTH = { 'thin line': 1, 'thick line': 2.5, dots: 1.5 };

/** Least distance of two lines of text, in pixels. */
const TEXT_HEIGHT = 15;
/** From the middle of a line of text down to its baseline, in pixels. */
const HALF_TEXT = 4.5;
/** Height of a panel over the number of its ticks, roughly, in pixels. */
const TICK_DISTANCE = 45;

/** From here on tick labels have letters for powers of ten: there is room for six digits at the left. */
const LONG_NUMBER = 1e5;

/** A pixel position, with the two decimals that a picture needs. */
const round = (value: number) => Math.round(value * 100) / 100;

/** The elements of a panel, from back to front. */
export function drawPanel(panel: Panel, x: LinearScale): string[] {
  const y = linearScale(panel.domain, [panel.bottom, panel.top], true);
  return [
    ...drawHeading(panel),
    ...drawYAxis(y, (panel.bottom - panel.top) / TICK_DISTANCE),
    ...drawXAxis(x, panel.bottom),
    ...panel.series.flatMap((series) => drawSeries(series, x, y)),
    ...drawLastValues(panel, y),
    ...(panel.series.length > 0 ? [] : [drawEmpty(panel)]),
  ];
}

/** A text element at (x, y), its content escaped. */
export function svgText(x: number, y: number, content: string, attributes: string): string {
  const escaped = content.replace(
    /[&<>]/g,
    (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[letter]!,
  );
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escaped}</text>`;
}

/** The title at the left, the legend at the right above the panel. */
function drawHeading({ title, top, series }: Panel): string[] {
  const y = top - 18;
  const middle = y - 4.5;
  const elements = [svgText(PAGE.left, y, title, 'font-size="15"')];
  let right = PAGE.right;
  for (const { name, color, mark } of [...series].reverse()) {
    const start = round(right - textWidth(name));
    elements.push(
      svgText(start, y, name, ''),
      `<path d="M${start - 30},${middle}h22" stroke="${color}" stroke-width="${STROKE_WIDTH[mark]}"/>`,
    );
    if (mark === 'dots') elements.push(drawDot(start - 19, middle, color));
    right = start - 52;
  }
  return elements;
}

/** The width in pixels of a text of size 13, by three classes of letters: near enough to set a legend. */
function textWidth(text: string): number {
  const widths = Array.from(text, (letter) =>
    /[A-Z]/.test(letter) ? 9 : /[fijlt., ]/.test(letter) ? 3.6 : 7.2,
  );
  return widths.reduce((sum, width) => sum + width, 0);
}

function drawYAxis(y: LinearScale, tickCount: number): string[] {
  const format = y.domain[1] >= LONG_NUMBER ? compactTick : tickFormat(y.domain, tickCount);
  return ticksOf(y.domain, tickCount).flatMap((tick) => {
    const at = round(y.position(tick));
    return [
      `<path d="M${PAGE.left},${at}H${PAGE.right}" stroke="${PAGE.grid}"/>`,
      svgText(PAGE.left - 10, at + HALF_TEXT, format(tick), `text-anchor="end" fill="${PAGE.muted}"`),
    ];
  });
}

function drawXAxis(x: LinearScale, bottom: number): string[] {
  const ticks = ticksOf(x.domain, 10).filter(Number.isInteger);
  return [
    `<path d="M${PAGE.left},${bottom}H${PAGE.right}" stroke="${PAGE.axis}"/>`,
    ...ticks.flatMap((tick) => [
      `<path d="M${round(x.position(tick))},${bottom}v5" stroke="${PAGE.axis}"/>`,
      svgText(
        x.position(tick),
        bottom + 20,
        tick.toLocaleString('en'),
        `text-anchor="middle" fill="${PAGE.muted}"`,
      ),
    ]),
  ];
}

function drawSeries({ color, mark, points }: Series, x: LinearScale, y: LinearScale): string[] {
  const finite = points.filter((point) => Number.isFinite(point.y));
  // A path through one point has no length.
  const dots = mark === 'dots' || finite.length === 1 ? finite : [];
  return [
    `<path d="${linePath(points, x, y)}" fill="none" stroke="${color}" stroke-width="${STROKE_WIDTH[mark]}" stroke-linejoin="round"/>`,
    ...dots.map((point) => {
      const isBeyond = point.y > y.domain[1];
      return (isBeyond ? drawTriangle : drawDot)(x.position(point.x), y.position(point.y), color);
    }),
  ];
}

/** A line through the points, broken at those whose `y` is not finite; one alone is a dot of a round line. */
function linePath(points: readonly Point[], x: LinearScale, y: LinearScale): string {
  const isGap = (point: Point | undefined) => point === undefined || !Number.isFinite(point.y);
  return points
    .map((point, i) => {
      if (isGap(point)) return '';
      const at = `${round(x.position(point.x))},${round(y.position(point.y))}`;
      if (!isGap(points[i - 1])) return `L${at}`;
      return isGap(points[i + 1]) ? `M${at}Z` : `M${at}`;
    })
    .join('');
}

function drawDot(x: number, y: number, color: string): string {
  return `<circle cx="${round(x)}" cy="${round(y)}" r="4" fill="${color}" stroke="${PAGE.background}" stroke-width="1.5"/>`;
}

/** Points up, to what lies beyond the edge. */
function drawTriangle(x: number, y: number, color: string): string {
  const outline = `M${round(x - 5.5)},${round(y + 5)}h11l-5.5,-10Z`;
  return `<path d="${outline}" fill="${color}" stroke="${PAGE.background}" stroke-width="1.5"/>`;
}

/** The last value of every line that stands out, at its height, or beside it where two would overlap. */
function drawLastValues({ series, format }: Panel, y: LinearScale): string[] {
  const labels = series
    .filter(({ mark }) => mark !== 'thin line')
    .map(({ color, points }) => ({ color, value: points.findLast((point) => Number.isFinite(point.y))!.y }))
    .sort((a, b) => b.value - a.value);
  const wanted = labels.map(({ value }) => y.position(value) + HALF_TEXT);
  const lowest = y.range[0] + HALF_TEXT;
  return spread(wanted, lowest).map((at, i) => {
    const { color, value } = labels[i]!;
    return svgText(PAGE.right + 14, at, format(value), `fill="${color}"`);
  });
}

/** Baselines near the `wanted` ones, from the top down, with room for each text, and none below `lowest`: ticks stand there. */
function spread(wanted: readonly number[], lowest: number): number[] {
  const placed = [...wanted];
  for (let i = 1; i < placed.length; i++) placed[i] = Math.max(placed[i]!, placed[i - 1]! + TEXT_HEIGHT);
  let limit = lowest;
  for (let i = placed.length - 1; i >= 0; i--) {
    placed[i] = Math.min(placed[i]!, limit);
    limit = placed[i]! - TEXT_HEIGHT;
  }
  return placed;
}

function drawEmpty({ top, bottom }: Panel): string {
  const middle = (PAGE.left + PAGE.right) / 2;
  return svgText(middle, (top + bottom) / 2, 'no values yet', `text-anchor="middle" fill="${PAGE.muted}"`);
}
