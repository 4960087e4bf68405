/**
 * @file Measures convolutions one by one, each pass alone.
 */

import type { Device } from '../src/device/device.ts';
import type { Pass } from '../src/kernels/conv2d/passes.ts';
import { measureCeiling } from '../src/laboratory/ceiling.ts';
import { CONV_CASES, caseGeometry } from '../src/laboratory/resnet-convolutions.ts';
import { type Conv2dGeometry, conv2dMultiplyAdds } from '../src/shape/conv2d.ts';
import { PassOperands } from '../src/tune/pass-operands.ts';
import { algorithmFor } from './conv2d-algorithms.ts';
import type { Row } from './results.ts';
import { timeMedian } from './timing.ts';

/** What to measure. */
export interface ConvOptions {
  readonly batch: number;
  /** Names out of `CONV_CASES`. */
  readonly cases: readonly string[];
  readonly passes: readonly Pass[];
  /** The name of an algorithm, or `auto`; cases that it has no kernel for are left out. */
  readonly algorithm: string;
}

/** A row for every case and pass, and one for the ceiling that their shares refer to. */
export async function benchConv2d(device: Device, options: ConvOptions): Promise<Row[]> {
  const ceiling = await measureCeiling(device, (run) => timeMedian(device, run));
  const rows: Row[] = [{ name: 'ceiling', figures: { 'GFLOP/s': ceiling / 1e9, '% of ceiling': 100 } }];
  for (const name of options.cases) {
    rows.push(...(await benchCase(device, name, ceiling, options)));
  }
  return rows;
}

async function benchCase(
  device: Device,
  name: string,
  ceiling: number,
  { batch, passes, algorithm }: ConvOptions,
): Promise<Row[]> {
  const g = caseGeometry(CONV_CASES[name]!, batch);
  const operands = new PassOperands(device, g);
  const rows: Row[] = [];
  for (const pass of passes) {
    const chosen = algorithmFor(device, algorithm, pass, g);
    if (!chosen) continue;
    const milliseconds = await timeMedian(device, () => operands.run(pass, chosen));
    rows.push({
      name: `${name} ${pass}`,
      milliseconds,
      figures: { ...rates(g, operands, milliseconds, ceiling), kernels: chosen.name },
    });
  }
  operands.dispose();
  return rows;
}

/** Bytes count each operand once, padding included, however often a kernel loads it. */
function rates(g: Conv2dGeometry, { x, weight, dy }: PassOperands, milliseconds: number, ceiling: number) {
  const operations = (2 * conv2dMultiplyAdds(g)) / (milliseconds / 1e3);
  const bytes = x.bytes + weight.bytes + dy.bytes;
  return {
    'GFLOP/s': operations / 1e9,
    '% of ceiling': (100 * operations) / ceiling,
    MB: bytes / 1e6,
    'GB/s': bytes / 1e6 / milliseconds,
  };
}
