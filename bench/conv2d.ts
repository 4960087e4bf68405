/**
 * @file Measures convolutions one by one, each pass alone.
 */

import type { Device } from '../src/device/device.ts';
import { Random } from '../src/random.ts';
import {
  type Conv2dGeometry,
  conv2dInputShape,
  conv2dMultiplyAdds,
  conv2dOutputShape,
  conv2dWeightShape,
} from '../src/shape/conv2d.ts';
import type { Layout } from '../src/shape/layout.ts';
import { type Shape, sizeOf } from '../src/shape/shape.ts';
import { tensor } from '../src/tensor/create.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { measureCeiling } from './ceiling.ts';
import { CONV_CASES, caseGeometry } from './conv2d-cases.ts';
import { type Family, familyFits, type Operands, type Pass, preparePass } from './conv2d-passes.ts';
import type { Row } from './results.ts';
import { timeMedian } from './timing.ts';

/** What to measure. */
export interface ConvOptions {
  readonly batch: number;
  /** Names out of `CONV_CASES`. */
  readonly cases: readonly string[];
  readonly passes: readonly Pass[];
  /** The family of kernels; cases that it has no kernel for are left out. */
  readonly variant: Family;
}

/** A row for every case and pass, and one for the ceiling that their shares refer to. */
export async function benchConv2d(device: Device, options: ConvOptions): Promise<Row[]> {
  const ceiling = await measureCeiling(device);
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
  { batch, passes, variant }: ConvOptions,
): Promise<Row[]> {
  const g = caseGeometry(CONV_CASES[name]!, batch);
  const operands = makeOperands(device, g);
  const rows: Row[] = [];
  for (const pass of passes) {
    if (!familyFits(variant, pass, g, device.target)) continue;
    const { kernel, run, dispose } = preparePass(device, variant, pass, g, operands);
    const milliseconds = await timeMedian(device, run);
    dispose();
    rows.push({
      name: `${name} ${pass}`,
      milliseconds,
      figures: { ...rates(g, operands, milliseconds, ceiling), kernel },
    });
  }
  for (const operand of Object.values(operands)) operand.dispose();
  return rows;
}

/** Operands of random numbers: a system may keep untouched memory in a single page, which is read too fast. */
function makeOperands(device: Device, g: Conv2dGeometry): Operands {
  const random = new Random(1);
  const make = (shape: Shape, layout: Layout): Tensor => {
    const values = Float32Array.from({ length: sizeOf(shape) }, () => random.uniform() - 0.5);
    return tensor(device, values, shape, { layout });
  };
  return {
    x: make(conv2dInputShape(g), 'channels-last'),
    weight: make(conv2dWeightShape(g), 'filter'),
    y: make(conv2dOutputShape(g), 'channels-last'),
  };
}

/** Bytes count each operand once, padding included, however often a kernel loads it. */
function rates(g: Conv2dGeometry, { x, weight, y }: Operands, milliseconds: number, ceiling: number) {
  const operations = (2 * conv2dMultiplyAdds(g)) / (milliseconds / 1e3);
  const bytes = x.bytes + weight.bytes + y.bytes;
  return {
    'GFLOP/s': operations / 1e9,
    '% of ceiling': (100 * operations) / ceiling,
    MB: bytes / 1e6,
    'GB/s': bytes / 1e6 / milliseconds,
  };
}
