/**
 * @file How figures are written.
 */

import { counted } from '../counted.ts';
import type { Device } from '../device/device.ts';
import type { EvaluationFigures } from '../train/evaluate.ts';
import { printable } from './printable.ts';

/** Writes a line to stdout; it stays one line, and harmless, whatever names are in it. */
export function print(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

/** Writes a line to stderr, so that stdout stays what was asked for. */
export function warn(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** The figures of an evaluation, in one line. */
export function evaluationLine({
  loss,
  accuracy,
  weightedAccuracy,
  auc,
  confusion,
}: EvaluationFigures): string {
  const line =
    `loss ${loss.toFixed(4)}, accuracy ${accuracy.toFixed(4)} (mean of batches; ${weightedAccuracy.toFixed(4)} over all photographs), ` +
    `AUC ${auc.toFixed(4)}`;
  if (!confusion) return `${line} (mean over classes, each against all others)`;
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = confusion;
  return (
    `${line}, sensitivity ${confusion.sensitivity.toFixed(4)}, ` +
    `specificity ${confusion.specificity.toFixed(4)} ` +
    `(TP ${truePositives}, FP ${falsePositives}, TN ${trueNegatives}, FN ${falseNegatives})`
  );
}

/** What the device and the process hold: to be seen not to grow. */
export function resourcesLine({ statistics }: Device): string {
  const { bytesInUse, bytesIdle, buffersCreated, pipelinesCreated, bindGroupsCreated } = statistics;
  return (
    `device ${megabytes(bytesInUse + bytesIdle)} (${megabytes(bytesInUse)} in use), ` +
    `process ${megabytes(process.memoryUsage.rss())}; created so far: ${counted(buffersCreated, 'buffer')}, ` +
    `${counted(pipelinesCreated, 'pipeline')}, ${counted(bindGroupsCreated, 'bind group')}`
  );
}

/** Seconds as `1:02:03` or `2:03`. */
export function duration(seconds: number): string {
  const total = Math.round(seconds);
  const parts = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
