/**
 * @file Measures an op that a user declares, GELU as docs/write-an-op.md has it, beside the library's own.
 */

import { backward } from '../src/autograd/backward.ts';
import { requiresGrad } from '../src/autograd/graph.ts';
import { gelu } from '../src/autograd/ops.ts';
import { unaryOp } from '../src/autograd/unary-op.ts';
import type { Device } from '../src/device/device.ts';
import { timeOnce } from '../src/laboratory/time-once.ts';
import { full, zeros } from '../src/tensor/create.ts';
import { scope } from '../src/tensor/scope.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { median } from '../src/tune/samples.ts';
import type { Row } from './results.ts';

/** Elements, runs of both in turn, and steps a run. */
const SHAPE = [8, 64, 56, 56];
const RUNS = 25;
const REPEATS = 4;

const declared = unaryOp({
  name: 'myGelu',
  value: 'x * s(x)',
  derivative: 's(x) * (1.0 + x * (1.0 - s(x)) * slope(x))',
  functions: `
    fn s(x: vec4f) -> vec4f { return 1.0 / (1.0 + exp(-1.5957691 * (x + 0.044715 * x * x * x))); }
    fn slope(x: vec4f) -> vec4f { return 1.5957691 * (1.0 + 0.134145 * x * x); }`,
});

/** Rows for forward and backward of both, in turn, so that what else the machine does meets them alike. */
export async function benchOwnOp(device: Device): Promise<Row[]> {
  const x = requiresGrad(full(device, SHAPE, 0.7));
  const dy = zeros(device, SHAPE);
  const ops: readonly [name: string, op: (x: Tensor) => Tensor][] = [
    ['gelu, built in', (tensor) => gelu(tensor, { approximate: 'tanh' })],
    ['gelu, declared by a user', declared],
  ];
  const times = ops.map((): number[] => []);
  for (let run = 0; run <= RUNS; run++)
    for (const [i, [, op]] of ops.entries()) {
      const work = () => scope(device, () => backward(op(x), dy));
      const time = await timeOnce(device, work, REPEATS);
      if (run > 0) times[i]!.push(time / REPEATS); // the first one compiles
    }
  return ops.map(([name], i) => ({
    name,
    milliseconds: median(times[i]!),
    figures: { least: Math.min(...times[i]!), ratio: median(times[i]!) / median(times[0]!) },
  }));
}
