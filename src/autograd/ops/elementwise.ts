/**
 * @file Ops on each element for itself: sums, products, ReLU, sigmoid, casts.
 */

import { checkArgument, oneOf } from '../../arguments.ts';
import { check } from '../../errors.ts';
import { binaryPlan, expandPlan } from '../../kernels/broadcast.ts';
import { castPlan } from '../../kernels/cast.ts';
import { type BinaryOp, elementwisePlan } from '../../kernels/elementwise.ts';
import { sumSequence } from '../../kernels/reduce.ts';
import { defaultLayout } from '../../shape/layout.ts';
import { broadcastShapes, type Shape, sameShape } from '../../shape/shape.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { run, runElementwise, runElementwisePlan, runSequence } from '../../tensor/run.ts';
import type { AnyTensor, Tensor } from '../../tensor/tensor.ts';
import type { DType } from '../../tensor/values.ts';
import { defineOp, type OpDefinition } from '../define-op.ts';
import { checkFloat } from './operands.ts';

/** A tensor like `x`, contents arbitrary. */
const like = (x: Tensor): Tensor => empty(x.device, x.shape, { layout: x.layout });

function binaryForward(op: BinaryOp, a: Tensor, b: Tensor): Tensor {
  checkFloat(op, a, b);
  const shape = broadcastShapes(a.shape, b.shape);
  const layout = sameShape(a.shape, shape)
    ? a.layout
    : sameShape(b.shape, shape)
      ? b.layout
      : defaultLayout(shape);
  const y = empty(a.device, shape, { layout });
  const alike = sameShape(a.shape, b.shape) && a.layout === b.layout;
  if (alike) runElementwise(op, { a, b, result: y });
  else run(binaryPlan(op, a, b, y), { a, b, result: y });
  return y;
}

/** The sum of a gradient over the axes along which an operand was broadcast; the gradient itself where there are none. */
function reduceTo(gradient: Tensor, operand: Operand): Tensor {
  if (sameShape(gradient.shape, operand.shape) && gradient.layout === operand.layout) return gradient.alias();
  const reduced = empty(gradient.device, operand.shape, { layout: operand.layout });
  runSequence(sumSequence(gradient, reduced), { x: gradient, y: reduced });
  return reduced;
}

type Operand = Pick<Tensor, 'shape' | 'layout'>;
const describe = ({ shape, layout }: Tensor): Operand => ({ shape, layout });

const addOp = defineOp<void, { a: Operand; b: Operand }>({
  name: 'add',
  forward: ([a, b]) => ({
    output: binaryForward('add', a!, b!),
    saved: { a: describe(a!), b: describe(b!) },
  }),
  backward: (dy, { saved, needs }) => [
    needs[0] ? reduceTo(dy, saved.a) : undefined,
    needs[1] ? reduceTo(dy, saved.b) : undefined,
  ],
});

const subtractOp = defineOp<void, { a: Operand; b: Operand }>({
  name: 'subtract',
  forward: ([a, b]) => ({
    output: binaryForward('subtract', a!, b!),
    saved: { a: describe(a!), b: describe(b!) },
  }),
  backward: (dy, { saved, needs }) => [
    needs[0] ? reduceTo(dy, saved.a) : undefined,
    needs[1] ? affineForward(reduceTo(dy, saved.b), { scale: -1, shift: 0 }) : undefined,
  ],
});

const multiplyOp = defineOp<void, { a: Tensor; b: Tensor }>({
  name: 'multiply',
  forward: ([a, b]) => ({ output: binaryForward('multiply', a!, b!), saved: { a: a!, b: b! } }),
  backward: (dy, { saved: { a, b }, needs }) => [
    needs[0] ? reduceTo(binaryForward('multiply', dy, b), a) : undefined,
    needs[1] ? reduceTo(binaryForward('multiply', dy, a), b) : undefined,
  ],
});

interface Affine {
  readonly scale: number;
  readonly shift: number;
}

function affineForward(x: Tensor, factors: Affine): Tensor {
  const y = like(x);
  runElementwisePlan((operand) => elementwisePlan('affine', operand, factors), { x, result: y });
  return y;
}

const affineOp = defineOp<Affine, Record<string, never>>({
  name: 'affine',
  forward: ([x], factors) => ({ output: affineForward(x!, factors), saved: {} }),
  backward: (dy, _, { scale }) => [affineForward(dy, { scale, shift: 0 })],
});

/** An op of one input whose gradient follows from its output. */
function unary(op: 'relu' | 'sigmoid', backward: 'reluBackward' | 'sigmoidBackward') {
  const definition: OpDefinition<void, { y: Tensor }> = {
    name: op,
    forward: ([x]) => {
      checkFloat(op, x!);
      const y = like(x!);
      runElementwise(op, { x: x!, result: y });
      return { output: y, saved: { y } };
    },
    backward: (dy, { saved: { y } }) => {
      const dx = like(y);
      runElementwise(backward, { y, dy, result: dx });
      return [dx];
    },
  };
  return defineOp(definition);
}

const reluOp = unary('relu', 'reluBackward');
const sigmoidOp = unary('sigmoid', 'sigmoidBackward');

/** `scale · x + shift`, as the op `name`. */
function affine(name: string, x: Tensor, factors: Affine): Tensor {
  checkTensor(name, 'the tensor', x);
  checkFloat(name, x);
  return affineOp([x], factors);
}

/**
 * `a + b`: tensors that broadcast by NumPy's rule, or a tensor and a number. Throws 'shape-mismatch' where they do not
 * broadcast, 'dtype-mismatch' unless they are of type f32.
 */
export function add(a: Tensor | number, b: Tensor | number): Tensor {
  if (typeof b === 'number') return affine('add', a as Tensor, { scale: 1, shift: b });
  if (typeof a === 'number') return affine('add', b, { scale: 1, shift: a });
  return addOp([a, b]);
}

/** `a − b`, as {@link add} has it. */
export function subtract(a: Tensor | number, b: Tensor | number): Tensor {
  if (typeof b === 'number') return affine('subtract', a as Tensor, { scale: 1, shift: -b });
  if (typeof a === 'number') return affine('subtract', b, { scale: -1, shift: a });
  return subtractOp([a, b]);
}

/** `a · b`, element by element, as {@link add} has it. */
export function multiply(a: Tensor | number, b: Tensor | number): Tensor {
  if (typeof b === 'number') return affine('multiply', a as Tensor, { scale: b, shift: 0 });
  if (typeof a === 'number') return affine('multiply', b, { scale: a, shift: 0 });
  return multiplyOp([a, b]);
}

/** `max(x, 0)`; its gradient at 0 is 0. NaN stays NaN. */
export function relu(x: Tensor): Tensor {
  return reluOp([x]);
}

/** `1 / (1 + e⁻ˣ)` */
export function sigmoid(x: Tensor): Tensor {
  return sigmoidOp([x]);
}

const CASTS = oneOf('f32', 'i32', 'u32');

/** `x`, each element in another type: f32 to integers truncates and saturates, NaN becomes 0. Without gradient. */
export function cast<D extends Exclude<DType, 'u8'>>(x: AnyTensor, dtype: D): Tensor<D> {
  checkTensor('cast', 'x', x);
  checkArgument('the type to cast to', dtype, CASTS);
  check(x.dtype !== 'u8', 'dtype-mismatch', () => 'cast: bytes are not cast, see normalizeImages');
  const y = empty(x.device, x.shape, { layout: x.layout, dtype });
  run(castPlan(x.dtype as Exclude<DType, 'u8'>, dtype, x), { x, y });
  return y;
}

/** x stretched to a larger shape: the gradient of a sum. */
export function expand(
  x: Tensor,
  target: { readonly shape: Shape; readonly layout: Tensor['layout'] },
  factor = 1,
): Tensor {
  const y = empty(x.device, target.shape, { layout: target.layout });
  run(expandPlan(x, y, factor), { x, y });
  return y;
}
