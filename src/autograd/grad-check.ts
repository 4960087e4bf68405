/**
 * @file Checks gradients against finite differences, on the device itself.
 *
 * The output is projected on a random direction r, so that one number f = Σ r·y depends on all of it; its gradient
 * by an element is compared with `(f(x + h) − f(x − h)) / 2h`. The projections are summed in float64 on the host.
 * An element whose one-sided differences disagree lies at a kink (of ReLU, of a maximum), where no gradient can
 * agree, and is left out. The gradients are also compared with those of larger graphs, see `gradient-consistency.ts`.
 */

import {
  atLeast,
  checkArgument,
  checkOptions,
  FUNCTION,
  type OptionRules,
  SEED,
  whole,
} from '../arguments.ts';
import { check } from '../errors.ts';
import { Random } from '../random.ts';
import { formatShape } from '../shape/shape.ts';
import { checkTensor, checkTensors } from '../tensor/check-tensor.ts';
import { readTensors, tensor, upload } from '../tensor/create.ts';
import { scope } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { TensorData } from '../tensor/values.ts';
import { backward } from './backward.ts';
import {
  type Comparison,
  collectGradients,
  compareGraphs,
  type TensorFunction,
} from './gradient-consistency.ts';
import { noGrad } from './graph.ts';

/** How gradients are checked. */
export interface GradCheckOptions {
  /** Half the distance of the two points of a difference, 1e-2 by default: f32 leaves no room for much less. */
  readonly step?: number;
  /** How far a gradient may be off, as a share of the largest one of its input; 1e-2 by default. */
  readonly tolerance?: number;
  /** How many elements of each input are tried, 16 by default, drawn by `seed`. */
  readonly samples?: number;
  /** 1 by default. */
  readonly seed?: number;
}

const OPTIONS: OptionRules<GradCheckOptions> = {
  step: atLeast(1e-10),
  tolerance: atLeast(0),
  samples: whole(1),
  seed: SEED,
};

/** What a check found. */
export interface GradCheckResult {
  /** Whether all errors are within the tolerance and at least one element could be compared. */
  readonly ok: boolean;
  /** The largest error, as a share of the largest gradient of its input. */
  readonly worst: number;
  /** Elements that were compared. */
  readonly compared: number;
  /** Elements that were left out because they lie at a kink. */
  readonly kinks: number;
  /** Where the largest error is, in words: an element, or another graph. */
  readonly report: string;
}

/**
 * Compares the gradients of `fn` by each of `inputs` with finite differences, and with those of graphs in which inputs
 * are used again, wanted alone or given twice, over one backward pass and several. `fn` must be a pure function of its
 * inputs, made of ops. Gradients that the inputs had are cleared.
 *
 * Throws 'invalid-argument' where a result is not finite.
 */
export async function gradCheck(
  fn: TensorFunction,
  inputs: readonly Tensor[],
  options: GradCheckOptions = {},
): Promise<GradCheckResult> {
  checkArgument('the function of gradCheck', fn, FUNCTION);
  checkTensors('gradCheck', inputs);
  check(
    inputs.length > 0,
    'invalid-argument',
    () => 'gradCheck was given no inputs to check the gradients of',
  );
  checkOptions('gradCheck', options, OPTIONS);
  const { step = 1e-2, tolerance = 1e-2, samples = 16, seed = 1 } = options;
  const random = new Random(seed);
  const { gradients, direction, values } = await analytic(fn, inputs, random);
  let result: GradCheckResult = { ok: true, worst: 0, compared: 0, kinks: 0, report: 'nothing was compared' };
  for (const [i, input] of inputs.entries()) {
    const gradient = gradients[i]!;
    const scale = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 1e-6);
    for (const element of pick(input.size, samples, random)) {
      const evaluate = async (shift: number) => {
        const moved = Float32Array.from(values[i]!);
        moved[element]! += shift;
        upload(input, moved);
        return { at: moved[element]!, f: await project(fn, inputs, direction) };
      };
      const [left, middle, right] = [await evaluate(-step), await evaluate(0), await evaluate(step)];
      const [before, after] = [slope(left, middle), slope(middle, right)];
      const numeric = slope(left, right);
      if (Math.abs(after - before) > 4 * Math.max(tolerance, step) * Math.max(scale, Math.abs(numeric))) {
        result = { ...result, kinks: result.kinks + 1 };
        continue;
      }
      const error = Math.abs(numeric - gradient[element]!) / scale;
      const isWorst = !(error <= result.worst);
      result = {
        ...result,
        compared: result.compared + 1,
        worst: isWorst ? error : result.worst,
        report: isWorst
          ? `input ${i} ${formatShape(input.shape)}, element ${element}: gradient ${gradient[element]}, difference ${numeric}`
          : result.report,
      };
    }
    upload(input, values[i]!);
  }
  for (const comparison of await compareGraphs(fn, inputs, direction, gradients)) {
    const { what, actual, expected } = comparison;
    const { error, element } = worstElement(comparison);
    if (error <= result.worst) continue;
    const report = `${what}, element ${element}: gradient ${actual[element]}, expected ${expected[element]}`;
    result = { ...result, worst: error, report };
  }
  return { ...result, ok: result.compared > 0 && result.worst <= tolerance };
}

/** Where two gradients differ most, and by what share of the largest expected one. */
function worstElement({ actual, expected }: Comparison): { error: number; element: number } {
  const scale = expected.reduce((most, g) => Math.max(most, Math.abs(g)), 1e-6);
  let worst = { error: 0, element: 0 };
  actual.forEach((g, element) => {
    const error = Math.abs(g - expected[element]!) / scale;
    if (!(error <= worst.error)) worst = { error, element };
  });
  return worst;
}

interface Point {
  readonly at: number;
  readonly f: number;
}

/** The slope between two points, by the distance that f32 made of the step. */
const slope = (a: Point, b: Point): number => (b.f - a.f) / (b.at - a.at);

/** The gradients of the projection, its direction, and the inputs' values. */
async function analytic(fn: TensorFunction, inputs: readonly Tensor[], random: Random) {
  const device = inputs[0]!.device;
  const values = (await readTensors(inputs)) as Float32Array[];
  let direction = new Float32Array();
  const gradients = await collectGradients(inputs, () => {
    const output = fn(...inputs);
    checkTensor('gradCheck', 'the result of the function', output);
    direction = Float32Array.from({ length: output.size }, () => random.normal());
    backward(output, tensor(device, direction, output.shape, { layout: output.layout }));
  });
  gradients.forEach((gradient, i) => {
    check(
      gradient.every(Number.isFinite),
      'invalid-argument',
      () => `gradCheck: the gradient of input ${i} is not finite`,
    );
  });
  return { gradients, direction, values };
}

/** `Σ direction · fn(inputs)` in float64. */
async function project(
  fn: TensorFunction,
  inputs: readonly Tensor[],
  direction: Float32Array,
): Promise<number> {
  const { device } = inputs[0]!;
  const output = scope(device, () => noGrad(device, () => fn(...inputs)));
  const y: TensorData = await output.data();
  output.dispose();
  const sum = direction.reduce((total, r, i) => total + r * y[i]!, 0);
  check(Number.isFinite(sum), 'invalid-argument', () => `gradCheck: the output is not finite (${sum})`);
  return sum;
}

/** `count` different indexes below `size`, or all of them. */
function pick(size: number, count: number, random: Random): number[] {
  const indexes = Array.from({ length: size }, (_, i) => i);
  return size <= count ? indexes : random.shuffle(indexes).slice(0, count);
}
