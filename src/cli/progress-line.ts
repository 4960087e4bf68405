/**
 * @file The line that shows on a terminal how a training goes, in as many columns as there are.
 */

import { duration } from './output.ts';

/** What the line shows. */
export interface ProgressFigures {
  readonly step: number;
  readonly steps: number;
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

const WIDEST_BAR = 24;
const NARROWEST_BAR = 8;

/** All parts of the line but for the bar, in their order. */
export function progressParts(figures: ProgressFigures): string[] {
  const { step, steps, epoch, epochs, loss, learningRate, imagesPerSecond, secondsLeft } = figures;
  return [
    `${step}/${steps}`,
    `epoch ${epoch}/${epochs}`,
    `loss ${loss.toFixed(4)}`,
    `rate ${learningRate.toPrecision(3)}`,
    `${imagesPerSecond.toFixed(1)} images/s`,
    `${duration(secondsLeft)} left`,
  ];
}

/** In which order parts are left out where there is no room: rate, speed, epoch, time left, loss. The step stays. */
const LEAST_WANTED = [3, 4, 1, 5, 2];

/** The line of fewer than `columns` characters, so that no terminal breaks it: a bar where there is room, and what fits of the rest. */
export function progressLine(figures: ProgressFigures, columns: number): string {
  const room = Math.max(0, columns - 1);
  const parts = progressParts(figures);
  const kept = new Set(parts.keys());
  const text = () => parts.filter((_, i) => kept.has(i)).join('  ');
  for (const part of LEAST_WANTED) {
    if (text().length <= room) break;
    kept.delete(part);
  }
  const barRoom = Math.min(WIDEST_BAR, room - text().length - 1);
  const shown = barRoom < NARROWEST_BAR ? text() : `${bar(figures.step / figures.steps, barRoom)} ${text()}`;
  return shown.slice(0, room);
}

function bar(share: number, length: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * length);
  return '█'.repeat(full) + '░'.repeat(length - full);
}
