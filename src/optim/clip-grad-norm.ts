/**
 * @file Gradients kept from growing: their norm, all parameters' together, is held below a limit.
 */

import { ARRAY, checkArgument, instanceOf, POSITIVE } from '../arguments.ts';
import type { BufferSlice } from '../device/buffer-pool.ts';
import { check } from '../errors.ts';
import { clipPlan, normPlan, partialsOf, squaresPlan } from '../kernels/optimizer/gradient-norm.ts';
import { Parameter } from '../nn/parameter.ts';
import { checkOneDevice } from '../tensor/check-tensor.ts';
import { empty, zeros } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { joinSlices } from './join-slices.ts';
import { Optimizer } from './optimizer.ts';

const PARAMETER = instanceOf(Parameter, 'a Parameter: give model.parameters(), or the optimizer');

/**
 * Scales all gradients by `min(1, maxNorm / (norm + 1e-6))`, where `norm` is the root of the sum of all their squares; call it
 * between `backward` and `optimizer.step()`. Gives the norm as it was, `[1]`, 0 where there are no gradients. Nothing is read
 * back.
 *
 * A norm that is NaN or infinite makes every gradient that is not zero NaN, so that the next loss says so (`fit` then stops with
 * 'not-finite'). Throws 'invalid-argument' for what are no parameters or optimizer, and unless `maxNorm` is above 0.
 */
export function clipGradNorm(target: Optimizer | readonly Parameter[], maxNorm: number): Tensor {
  const parameters = target instanceof Optimizer ? target.parameters : target;
  checkArgument('the parameters of clipGradNorm', parameters, ARRAY);
  checkArgument('maxNorm of clipGradNorm', maxNorm, POSITIVE);
  for (const [i, parameter] of parameters.entries())
    checkArgument(`parameter ${i} of clipGradNorm`, parameter, PARAMETER);
  check(parameters.length > 0, 'invalid-argument', () => 'clipGradNorm was given no parameters');
  const { device } = parameters[0]!.tensor;
  checkOneDevice(
    'clipGradNorm',
    parameters.map(({ tensor }) => tensor),
  );
  const gradients = parameters.flatMap(({ grad }) => (grad ? [[grad.writable()]] : []));
  const runs = joinSlices(gradients).map(([slice]) => ({
    slice: slice!,
    partials: partialsOf(countOf(slice!)),
  }));
  if (runs.length === 0) return zeros(device, [1]);
  const total = runs.reduce((sum, { partials }) => sum + partials, 0);
  const partials = empty(device, [total]);
  let first = 0;
  for (const run of runs) {
    device.run(squaresPlan(countOf(run.slice), first), [run.slice, partials.slice]);
    first += run.partials;
  }
  const norm = empty(device, [1]);
  device.run(normPlan(total), [partials.slice, norm.writable()]);
  for (const { slice } of runs) device.run(clipPlan(countOf(slice), maxNorm), [slice, norm.slice]);
  partials.dispose();
  return norm;
}

const countOf = ({ bytes }: BufferSlice): number => bytes / Float32Array.BYTES_PER_ELEMENT;
