/**
 * @file Shares against shares: both axes from 0 to 1.
 */

import { formatNumber } from '../text/text.ts';
import './charts.css';

/** A point of the chart. */
export type SharePoint = readonly [x: number, y: number];

/** What is drawn. */
export interface SquareChartProps {
  readonly title: string;
  /** What who does not see it is told. */
  readonly description: string;
  readonly x: string;
  readonly y: string;
  readonly line: readonly SharePoint[];
  /** Whether the points of the line are marked. */
  readonly dots?: boolean;
  /** A point that stands out. */
  readonly mark?: SharePoint | undefined;
}

const [SIDE, LEFT, TOP, BOTTOM, RIGHT] = [240, 40, 8, 38, 12] as const;
const TICKS = [0, 0.25, 0.5, 0.75, 1];
const at = (x: number) => LEFT + x * SIDE;
const up = (y: number) => TOP + (1 - y) * SIDE;

/** The chart, with its diagonal. */
export function SquareChart({ title, description, x, y, line, dots = false, mark }: SquareChartProps) {
  const points = line.filter((point) => point.every(Number.isFinite));
  const path = points.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${at(px).toFixed(1)} ${up(py).toFixed(1)}`);
  return (
    <figure class="chart square">
      <figcaption>
        {title}
        <span class="quiet axis">{y}</span>
      </figcaption>
      <svg viewBox={`0 0 ${LEFT + SIDE + RIGHT} ${TOP + SIDE + BOTTOM}`} role="img" aria-label={description}>
        {TICKS.map((tick) => (
          <g key={tick}>
            <line class="grid" x1={LEFT} x2={LEFT + SIDE} y1={up(tick)} y2={up(tick)} />
            <line class="grid" y1={TOP} y2={TOP + SIDE} x1={at(tick)} x2={at(tick)} />
            <text class="left" x={LEFT - 6} y={up(tick)}>
              {formatNumber(tick)}
            </text>
            <text class="below" x={at(tick)} y={TOP + SIDE + 14}>
              {formatNumber(tick)}
            </text>
          </g>
        ))}
        <text class="below" x={LEFT + SIDE / 2} y={TOP + SIDE + 32}>
          {x}
        </text>
        <line class="grid diagonal" x1={at(0)} x2={at(1)} y1={up(0)} y2={up(1)} />
        <g class="second">
          <path d={path.join('')} />
          {dots ? points.map(([px, py]) => <circle key={px} cx={at(px)} cy={up(py)} r="3.5" />) : null}
        </g>
        {mark?.every(Number.isFinite) ? (
          <g class="first">
            <circle cx={at(mark[0])} cy={up(mark[1])} r="5.5" />
          </g>
        ) : null}
      </svg>
    </figure>
  );
}
