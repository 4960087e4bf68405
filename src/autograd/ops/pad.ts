/**
 * @file A rim around a tensor.
 */

import {
  checkArgument,
  checkOptions,
  listOf,
  NUMBER,
  type OptionRules,
  oneOf,
  type Rule,
} from '../../arguments.ts';
import { check } from '../../errors.ts';
import { copyPlan } from '../../kernels/strided-copy.ts';
import type { Layout } from '../../shape/layout.ts';
import { checkShape, formatShape, type Shape } from '../../shape/shape.ts';
import { sliceView, type View, viewOf } from '../../shape/view.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { empty, full } from '../../tensor/create.ts';
import { run } from '../../tensor/run.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { defineOp } from '../define-op.ts';
import { concat } from './concat.ts';
import { checkFloat } from './operands.ts';
import { slice } from './slice.ts';

/** How many elements are added before and after those of an axis. */
export type PadWidths = readonly [before: number, after: number];

/** How {@link pad} fills the rim. */
export interface PadOptions {
  /**
   * 'constant', the default: with `value`. 'reflect': with the elements that lie as far within the edge, without that on the edge.
   * 'replicate': with the one on the edge.
   */
  readonly mode?: 'constant' | 'reflect' | 'replicate';
  /** For 'constant': 0 by default. */
  readonly value?: number;
}

const OPTIONS: OptionRules<PadOptions> = { mode: oneOf('constant', 'reflect', 'replicate'), value: NUMBER };

const isRim = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length === 2 &&
  value.every((count: unknown) => Number.isSafeInteger(count) && (count as number) >= 0);
const RIM: Rule = { holds: isRim, words: 'two whole numbers of at least 0, [before, after]' };
const PADS: Rule = listOf(
  RIM,
  'an array with two whole numbers of at least 0, [before, after], for each axis',
);

interface ConstantAttributes {
  readonly pads: readonly PadWidths[];
  readonly shape: Shape;
  readonly value: number;
}

/** Where the elements within the rim lie. */
const inner = (view: View, pads: readonly PadWidths[]): View =>
  pads.reduce(
    (part, [before, after], axis) =>
      sliceView(part, axis, { start: before, end: part.shape[axis]! - after, step: 1 }),
    view,
  );

const padOp = /* @__PURE__ */ defineOp<ConstantAttributes, { shape: Shape; layout: Layout }>({
  name: 'pad',
  forward: ([x], { pads, shape, value }) => {
    const y = full(x!.device, shape, value, { layout: x!.layout });
    run(copyPlan('pad', viewOf(x!), inner(viewOf(y), pads)), { x: x!, y });
    return { output: y, saved: { shape: x!.shape, layout: x!.layout } };
  },
  backward: (dy, { saved: { shape, layout } }, { pads }) => {
    const dx = empty(dy.device, shape, { layout });
    run(copyPlan('pad', inner(viewOf(dy), pads), viewOf(dx)), { x: dy, y: dx });
    return [dx];
  },
});

/** `x` with a rim along one axis that repeats its elements, a line at a time. */
function repeated(
  x: Tensor,
  axis: number,
  [before, after]: PadWidths,
  mode: 'reflect' | 'replicate',
): Tensor {
  if (before === 0 && after === 0) return x;
  const last = x.shape[axis]! - 1;
  check(
    mode === 'replicate' || Math.max(before, after) <= last,
    'invalid-argument',
    () =>
      `pad: mode 'reflect' has ${last} elements to repeat along axis ${axis} of ${formatShape(x.shape)}, ` +
      `[${before}, ${after}] are more`,
  );
  const reach = mode === 'reflect' ? 1 : 0;
  const lineAt = (start: number) => slice(x, { axes: [axis], starts: [start], ends: [start + 1] });
  const first = Array.from({ length: before }, (_, i) => lineAt((before - i) * reach));
  const others = Array.from({ length: after }, (_, i) => lineAt(last - (i + 1) * reach));
  return concat([...first, x, ...others], axis);
}

/**
 * `x` with a rim: `pads` has `[before, after]` for each axis, as NumPy has it, so that `pad(x, [[0, 0], [0, 0], [1, 1], [2, 2]])` adds
 * a row above and below a map `[N, C, H, W]`, and two columns on each side. Modes other than 'constant' go line by line: they are
 * meant for rims of a few lines.
 *
 * Throws 'invalid-argument' unless there is a pair for each axis, and where 'reflect' has too few elements to repeat.
 */
export function pad(x: Tensor, pads: readonly PadWidths[], options: PadOptions = {}): Tensor {
  checkTensor('pad', 'x', x);
  checkArgument('pads of pad', pads, PADS);
  checkOptions('pad', options, OPTIONS);
  checkFloat('pad', x);
  check(
    pads.length === x.shape.length,
    'invalid-argument',
    () => `pad: ${pads.length} pairs [before, after] for ${formatShape(x.shape)}: give one for each axis`,
  );
  const shape = x.shape.map((extent, axis) => pads[axis]![0] + extent + pads[axis]![1]);
  checkShape(shape, 'the result of pad');
  const { mode = 'constant', value = 0 } = options;
  const rims = pads.map(([before, after]): PadWidths => [before, after]);
  if (mode === 'constant' || shape.every((extent, axis) => extent === x.shape[axis]))
    return padOp([x], { pads: rims, shape, value });
  return rims.reduce((padded, rim, axis) => repeated(padded, axis, rim, mode), x);
}
