/**
 * @file Quantities as the chosen language writes them.
 */

import { formatNumber } from './text.ts';

/** A stretch of time, by its largest unit that fits, or two. */
export function formatTime(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 10) return formatNumber(seconds, { ...unit('second'), maximumFractionDigits: 1 });
  if (seconds < 90) return formatNumber(Math.round(seconds), unit('second'));
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return formatNumber(minutes, unit('minute'));
  const hours = `${formatNumber(Math.floor(minutes / 60), unit('hour'))} `;
  return hours + formatNumber(minutes % 60, unit('minute'));
}

const unit = (name: string): Intl.NumberFormatOptions => ({
  style: 'unit',
  unit: name,
  unitDisplay: 'short',
});

/** Bytes, as megabytes or gigabytes. */
export function formatBytes(bytes: number): string {
  const [value, name] = bytes < 1e9 ? [bytes / 1e6, 'megabyte'] : [bytes / 1e9, 'gigabyte'];
  return formatNumber(value, { ...unit(name), maximumSignificantDigits: 3 });
}

/** A share of 1, in percent. */
export function formatShare(share: number): string {
  return Number.isFinite(share) ? formatNumber(share, { style: 'percent', maximumFractionDigits: 1 }) : '–';
}

/** Any other number, by three or so of its digits. */
export function formatFigure(value: number, digits = 3): string {
  return Number.isFinite(value) ? formatNumber(value, { maximumSignificantDigits: digits }) : '–';
}
