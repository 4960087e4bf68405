/**
 * @file The product of matrices and of batches of them.
 */

import { check } from '../../errors.ts';
import {
  type MatmulSize,
  matmulBackwardAPlan,
  matmulBackwardBPlan,
  matmulPlan,
} from '../../kernels/matmul.ts';
import { sumSequence } from '../../kernels/reduce.ts';
import { broadcastShapes, formatShape, type Shape, sameShape, sizeOf } from '../../shape/shape.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { empty } from '../../tensor/create.ts';
import { run, runSequence } from '../../tensor/run.ts';
import { moduleScope } from '../../tensor/scope.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import { linear } from './linear.ts';
import { checkFloat } from './operands.ts';
import { reshapeIn, toLayout } from './shape.ts';

const rowMajor = (device: Tensor['device'], shape: Shape): Tensor =>
  empty(device, shape, { layout: 'row-major' });

/** The sum of a gradient over the axes of the batch along which an operand was broadcast. */
function reduceBatch(gradient: Tensor, matrices: Shape, batch: Shape): Tensor {
  if (sizeOf(batch) * sizeOf(matrices) === gradient.size) return gradient;
  const size = sizeOf(matrices);
  const whole = { shape: [...gradient.shape.slice(0, -2), size], layout: 'row-major' } as const;
  const kept = { shape: [...batch, size], layout: 'row-major' } as const;
  const reduced = rowMajor(gradient.device, [...batch, ...matrices]);
  runSequence(sumSequence(whole, kept), { x: gradient, y: reduced });
  return reduced;
}

const matmulOp = /* @__PURE__ */ defineOp<MatmulSize, { a: Tensor; b: Tensor }>({
  name: 'matmul',
  forward: ([a, b], size) => {
    const c = rowMajor(a!.device, [...size.batch, size.rows, size.columns]);
    run(matmulPlan(size), { a: a!, b: b!, bias: undefined, c });
    return { output: c, saved: { a: a!, b: b! } };
  },
  backward: (dc, { saved: { a, b }, needs }, size) => {
    const { batch, aBatch, bBatch, rows, inner, columns } = size;
    const da = needs[0] ? rowMajor(dc.device, [...batch, rows, inner]) : undefined;
    const db = needs[1] ? rowMajor(dc.device, [...batch, inner, columns]) : undefined;
    if (da) run(matmulBackwardAPlan(size), { a: dc, b, bias: undefined, c: da });
    if (db) run(matmulBackwardBPlan(size), { a, b: dc, bias: undefined, c: db });
    return [
      da && shaped(reduceBatch(da, [rows, inner], aBatch), a.shape),
      db && shaped(reduceBatch(db, [inner, columns], bBatch), b.shape),
    ];
  },
});

/** The same memory under a shape that has other axes of extent 1. */
const shaped = (x: Tensor, shape: Shape): Tensor => (sameShape(x.shape, shape) ? x : x.alias({ shape }));

/**
 * The product of matrices, as PyTorch's `matmul` has it: a `[…, n, k]` and b `[…, k, m]` give `[…, n, m]`, the axes in front
 * being broadcast by NumPy's rule. A vector a is a row, a vector b a column, whose axis the result lacks; of two vectors it
 * is `[1]`. Results of more than two axes are row-major. A large product with one matrix b runs by the kernels of `linear`.
 *
 * Throws 'shape-mismatch' where the operands do not fit; 'unsupported' where they broadcast along more than two axes by turns.
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  checkTensor('matmul', 'a', a);
  checkTensor('matmul', 'b', b);
  checkFloat('matmul', a, b);
  const aShape = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
  const bShape = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
  const [rows, inner] = aShape.slice(-2) as [number, number];
  const columns = bShape.at(-1)!;
  check(
    aShape.length >= 2 && bShape.length >= 2 && inner === bShape.at(-2),
    'shape-mismatch',
    () => `matmul takes a […, n, k] and b […, k, m], got ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
  );
  const [aBatch, bBatch] = [aShape.slice(0, -2), bShape.slice(0, -2)];
  const size = { batch: broadcastShapes(aBatch, bBatch), aBatch, bBatch, rows, inner, columns };
  return moduleScope(a.device, () => {
    const c = sizeOf(bBatch) === 1 ? foldedProduct(a, b, size) : batchedProduct(a, b, size);
    const matrix = [...(a.shape.length === 1 ? [] : [rows]), ...(b.shape.length === 1 ? [] : [columns])];
    const shape = [...size.batch, ...matrix];
    return withShape(c, shape.length > 0 ? shape : [1]);
  });
}

const withShape = (x: Tensor, shape: Shape): Tensor =>
  sameShape(x.shape, shape) ? x : reshapeIn(x, shape, 'row-major');

/** All matrices of a times one matrix: their rows are those of one. */
function foldedProduct(a: Tensor, b: Tensor, { inner, columns }: MatmulSize): Tensor {
  return linear(withShape(a, [a.size / inner, inner]), withShape(b, [inner, columns]));
}

function batchedProduct(a: Tensor, b: Tensor, size: MatmulSize): Tensor {
  const { aBatch, bBatch, rows, inner, columns } = size;
  return matmulOp(
    [
      withShape(toLayout(a, 'row-major'), [...aBatch, rows, inner]),
      withShape(toLayout(b, 'row-major'), [...bBatch, inner, columns]),
    ],
    size,
  );
}
