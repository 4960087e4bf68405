/**
 * @file Algorithms for convolutions, forward and backward, also those that the heuristics never choose, against float64.
 */

import { backward } from '../../../src/autograd/backward.ts';
import { clearGrad, gradOf, requiresGrad } from '../../../src/autograd/graph.ts';
import { conv2d, toLayout } from '../../../src/autograd/ops.ts';
import type { Device } from '../../../src/device/device.ts';
import type { Algorithm } from '../../../src/kernels/conv2d/algorithm.ts';
import { biasEpilogue } from '../../../src/kernels/conv2d/epilogue.ts';
import { PASSES, type Pass } from '../../../src/kernels/conv2d/passes.ts';
import { type Conv2dGeometry, conv2dGeometry } from '../../../src/shape/conv2d.ts';
import { readTensors, tensor } from '../../../src/tensor/create.ts';
import { scope } from '../../../src/tensor/scope.ts';
import type { Tensor } from '../../../src/tensor/tensor.ts';
import { setTuning } from '../../../src/tensor/tuning.ts';
import { fromArray, type NdArray, randomNormal, relativeError, xorshift } from '../../reference/array.ts';
import * as reference from '../../reference/conv2d.ts';
import { awkwardConvolutions, type Conv2dCase, referenceOptions } from '../../support/conv2d-cases.ts';
import { digestOf, type Reporter } from './report.ts';

const TOLERANCE = 2e-6;

/** What the algorithms run: windows of all kinds, channels that fill no vec4 and no tile. */
const CASES = [
  'channels no multiple of 4',
  'pointwise, odd size',
  'three by three, stride 2',
  'a dilated window',
  'each side its own padding',
  'many channels',
  'aligned groups',
  'groups of four',
  'groups that share vec4s',
  'depthwise, stride 1',
  'depthwise, dilated and strided',
];

/** A software adapter compiles a large tile for seconds, and all tiles are one code: each runs the first case alone. */
const casesFor = ({ name }: Algorithm) => (name.startsWith('tiled') ? CASES.slice(0, 1) : CASES);

const passesOf = (algorithm: Algorithm, g: Conv2dGeometry, device: Device): Pass[] =>
  PASSES.filter((pass) => algorithm.supports(pass, g, device.target));

/** One check for each of `algorithms`, which `device` has, and each awkward convolution that it supports. */
export async function checkConvolutions(
  device: Device,
  algorithms: readonly Algorithm[],
  reporter: Reporter,
): Promise<void> {
  for (const algorithm of algorithms) {
    for (const name of casesFor(algorithm)) {
      const c = awkwardConvolutions[name]!;
      const g = conv2dGeometry(c.input, c.weight, c.options);
      if (passesOf(algorithm, g, device).length === 0) continue;
      await reporter.check(`conv2d by ${algorithm.name}: ${name}`, () =>
        checkConvolution(device, algorithm, c, g),
      );
    }
  }
}

/** Forward and both gradients by the kernels of one algorithm; gives the digest of them. */
async function checkConvolution(
  device: Device,
  algorithm: Algorithm,
  c: Conv2dCase,
  g: Conv2dGeometry,
): Promise<string> {
  const options = referenceOptions(c);
  const next = xorshift(1);
  const draw = (shape: readonly number[]) => randomNormal(shape, next);
  const [x, w, b] = [draw(c.input), draw(c.weight), draw([g.outChannels])] as const;
  const dy = draw(reference.conv2dOutputShape(c.input, c.weight, options));
  const leaves = [x, w, b].map(({ data, shape }) =>
    requiresGrad(tensor(device, Float32Array.from(data), shape)),
  ) as [Tensor, Tensor, Tensor];

  setTuning(device, { algorithmOf: () => algorithm.name });
  const work = () =>
    scope(device, () => {
      const [image, filter, bias] = leaves;
      const y = conv2d(image, filter, { ...c.options, bias });
      backward(y, toLayout(tensor(device, Float32Array.from(dy.data), dy.shape), y.layout));
      return y;
    });
  const y = work();
  const values = (await readTensors([y, ...leaves.map((leaf) => gradOf(leaf)!)])) as Float32Array[];
  const expected: NdArray[] = [
    reference.conv2d(x, w, options, b),
    reference.conv2dGradInput(dy, w, x.shape, options),
    reference.conv2dGradWeight(dy, x, w.shape, options),
    reference.conv2dGradBias(dy),
  ];
  expected.forEach((array, i) => {
    const error = relativeError(fromArray(array.shape, values[i]!), array);
    const what = [...PASSES, 'gradient of the bias'][i]!;
    if (!(error < TOLERANCE)) throw new Error(`${what} is off by ${error}, tolerance ${TOLERANCE}`);
  });
  for (const leaf of leaves) clearGrad(leaf);
  checkThatItRan(device, algorithm, g, work);
  for (const leaf of leaves) clearGrad(leaf);
  for (const each of [y, ...leaves]) each.dispose();
  return digestOf(values);
}

/** Throws where `work` does not run the algorithm's kernels: then others were checked. */
function checkThatItRan(device: Device, algorithm: Algorithm, g: Conv2dGeometry, work: () => Tensor): void {
  const ran = new Set([...device.dryRun(() => void work().dispose())].map(({ key }) => key));
  const sequences = {
    forward: () => algorithm.forward(g, biasEpilogue(true), device.target),
    backwardInput: () => algorithm.backwardInput(g, device.target),
    backwardWeight: () => algorithm.backwardWeight(g, device.target),
  };
  for (const pass of passesOf(algorithm, g, device)) {
    const { once, steps } = sequences[pass]();
    const missing = [...once, ...steps].filter(({ plan }) => !ran.has(plan.key));
    if (missing.length > 0) throw new Error(`${missing[0]!.plan.key} did not run`);
  }
}
