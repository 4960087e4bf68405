/**
 * @file Lines over a number of steps, drawn anew several times a second: by hand, since a chart library takes tens of milliseconds of the
 * page's thread each time.
 */

import { formatFigure } from '../text/quantities.ts';
import { formatNumber } from '../text/text.ts';
import './charts.css';
import { ticksBetween } from './ticks.ts';

/** A line. */
export interface Series {
  readonly name: string;
  /** The first is drawn in the accent colour, the second in the other. */
  readonly kind: 'first' | 'second';
  /** In order of x. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Whether its points are marked, as those of few should be. */
  readonly dots?: boolean;
}

/** What a chart shows. */
export interface LineChartProps {
  readonly title: string;
  /** What who does not see it is told. */
  readonly description: string;
  readonly series: readonly Series[];
  /** The least range of y; what is drawn may widen it. */
  readonly range?: readonly [least: number, most: number];
}

const WIDTH = 360;
const HEIGHT = 180;
const LEFT = 44;
const [RIGHT, TOP, BOTTOM] = [8, 8, 22];

/** The chart. */
export function LineChart({ title, description, series, range }: LineChartProps) {
  const points = series.flatMap((line) => line.points).filter(([, y]) => Number.isFinite(y));
  const xs = points.map(([value]) => value);
  const ys = points.map(([, value]) => value);
  const [x, xTicks] = scale(xs, LEFT, WIDTH - RIGHT);
  const [y, yTicks] = scale(ys.length === 0 ? [] : [...ys, ...(range ?? [])], HEIGHT - BOTTOM, TOP);
  return (
    <figure class="chart">
      <figcaption>
        {title}
        {series.length > 1
          ? series.map(({ name, kind }) => <Key key={name} name={name} kind={kind} />)
          : null}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={description}>
        {yTicks.map((value) => (
          <g key={value}>
            <line class="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(value)} y2={y(value)} />
            <text x={LEFT - 6} y={y(value)} class="left">
              {formatFigure(value)}
            </text>
          </g>
        ))}
        {xTicks.filter(Number.isInteger).map((value) => (
          <text key={value} x={x(value)} y={HEIGHT - 6} class="below">
            {formatNumber(value)}
          </text>
        ))}
        {series.map((line) => (
          <g key={line.name} class={line.kind}>
            <path d={pathOf(line.points, x, y)} />
            {line.dots
              ? line.points.map(([at, value]) => <circle key={at} cx={x(at)} cy={y(value)} r="3" />)
              : null}
          </g>
        ))}
      </svg>
    </figure>
  );
}

function Key({ name, kind }: Pick<Series, 'name' | 'kind'>) {
  return <span class={`key ${kind}`}>{name}</span>;
}

/** Where a value lies. */
type Scale = (value: number) => number;

/** A linear scale from the range of `values` to `from`…`to`, and its round numbers. */
function scale(values: readonly number[], from: number, to: number): [at: Scale, ticks: number[]] {
  if (values.length === 0) return [() => from, []];
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  if (least === most) [least, most] = [least - 1, most + 1];
  const at = (value: number) => from + ((value - least) / (most - least)) * (to - from);
  return [at, ticksBetween(least, most)];
}

function pathOf(points: Series['points'], x: Scale, y: Scale): string {
  return points
    .filter(([, value]) => Number.isFinite(value))
    .map(([at, value], i) => `${i === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`)
    .join('');
}
