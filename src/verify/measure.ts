/**
 * @file Runs a piece of work twice, and compares what it computes with the figures of the right results, and the two runs with
 * each other.
 */

import type { Device } from '../device/device.ts';
import { FoveaError } from '../errors.ts';
import { pack } from '../shape/layout.ts';
import { scope } from '../tensor/scope.ts';
import { type AnyTensor, fromMemory } from '../tensor/tensor.ts';
import { type Figure, relativeErrorOf } from './figure.ts';

/** The figures of a piece of work's results, by the results' names. */
export type Figures = Readonly<Record<string, Figure>>;

/** The results of a piece of work, by name. */
export type Results = Readonly<Record<string, AnyTensor>>;

/** How far results are from the right ones. */
export interface Measured {
  /** The largest of the results' relative errors; infinite where there is no number, or another one each time. */
  readonly error: number;
  /** Which result that is, or what else is wrong. */
  readonly about: string;
}

/** What makes all later work impossible is no finding on one kernel. */
export const FATAL: ReadonlySet<string> = new Set(['device-lost', 'out-of-memory']);

/** Runs `work` twice in scopes. Rejects where the device is lost or out of memory; whatever else is thrown is a finding. */
export async function measure(device: Device, figures: Figures, work: () => Results): Promise<Measured> {
  try {
    const [first, second] = [await readResults(device, work), await readResults(device, work)];
    const errors = Object.keys(figures).map((name): Measured => {
      if (!first[name] || !second[name]) return { error: Number.POSITIVE_INFINITY, about: `no ${name}` };
      if (!sameBits(first[name].bytes, second[name].bytes))
        return { error: Number.POSITIVE_INFINITY, about: `${name} differs from run to run` };
      const error = errorOf(first[name], figures[name]!);
      return { error: Number.isNaN(error) ? Number.POSITIVE_INFINITY : error, about: name };
    });
    return errors.reduce((worst, found) => (found.error > worst.error ? found : worst));
  } catch (error) {
    if (!(error instanceof FoveaError) || FATAL.has(error.code)) throw error;
    return { error: Number.POSITIVE_INFINITY, about: error.message };
  }
}

/** A result's memory. */
interface Contents {
  readonly tensor: Pick<AnyTensor, 'shape' | 'layout' | 'dtype'>;
  readonly bytes: ArrayBuffer;
}

async function readResults(device: Device, work: () => Results): Promise<Record<string, Contents>> {
  const results = Object.entries(scope(device, work));
  try {
    const contents = await device.read(results.map(([, { slice }]) => slice));
    return Object.fromEntries(
      results.map(([name, { shape, layout, dtype, bytes }], i) => [
        name,
        { tensor: { shape, layout, dtype }, bytes: contents[i]!.slice(0, bytes) },
      ]),
    );
  } finally {
    for (const [, result] of results) result.dispose();
  }
}

function sameBits(a: ArrayBuffer, b: ArrayBuffer): boolean {
  const [left, right] = [new Uint32Array(a), new Uint32Array(b)];
  return left.every((word, i) => word === right[i]);
}

/** The relative error of a result; what stands in padding, which must be zero, counts as error. */
function errorOf({ tensor, bytes }: Contents, figure: Figure): number {
  const values = fromMemory(bytes, tensor);
  const expected = pack(values, tensor.shape, tensor.layout);
  const memory = new Float32Array(bytes);
  let strays = 0;
  for (let i = 0; i < memory.length; i++)
    if (memory[i] !== expected[i]) strays += (memory[i]! - expected[i]!) ** 2;
  return Math.max(relativeErrorOf(values, figure), Math.sqrt(strays) / figure[0]);
}
