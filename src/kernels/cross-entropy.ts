/**
 * @file Cross entropy of logits x along one axis, the classes, with weights and label smoothing:
 *
 *     loss = Σ_c q_c · (log Σ eˣ − x_c),   q_c = w_c · ((1 − ε) · t_c + ε / C),   dx_c = dloss · (softmax(x)_c · Σ q − q_c)
 *
 * t is 1 at the target and 0 elsewhere, or probabilities; w are the weights of the classes, ε is the smoothing.
 * The maximum is taken out of all exponentials. Source: PyTorch 2, torch.nn.functional.cross_entropy.
 */

import { type BuffersOf, reads, writes } from './buffers.ts';
import { defineKernel } from './kernel.ts';
import { LOG_AT_LEAST_1 } from './logarithm.ts';
import type { Operand } from './padding.ts';
import type { KernelPlan } from './plan.ts';
import { eachOfRow, ROW_UNIFORMS, type RowVariant, rowEntry, rowPieces, rowsAlong } from './rows.ts';
import { piece } from './wgsl.ts';

/** What the loss of a row is made of. */
export interface CrossEntropyTerms {
  /** Whether targets are probabilities of all classes, and not the index of one. */
  readonly probabilities: boolean;
  /** Whether classes have weights. */
  readonly weighted: boolean;
  /** The target of rows to leave out, where it is an index. */
  readonly ignoreIndex: number;
  /** ε. */
  readonly smoothing: number;
}

type Flags = Pick<CrossEntropyTerms, 'probabilities' | 'weighted'>;
type ForwardVariant = RowVariant & Flags;
/** `divided`: whether gradients are divided by a total. */
type BackwardVariant = ForwardVariant & { readonly divided: boolean };

const UNIFORMS = { ...ROW_UNIFORMS, ignoreIndex: 'i32', smoothing: 'f32' } as const;

const inputs = ({ probabilities, weighted }: Flags) => ({
  x: reads('f32'),
  targets: reads(probabilities ? 'f32' : 'i32'),
  ...(weighted && { classWeights: reads('f32') }),
});

/** WGSL: q of class i, whose logit lies at `at`. */
const share = ({ probabilities, weighted }: Flags) =>
  piece(`
fn weightOf(i: u32) -> f32 { return ${weighted ? 'classWeights[i]' : '1.0'}; }
fn shareOf(i: u32, at: u32, label: i32) -> f32 {
  let t = ${probabilities ? 'targets[at]' : 'select(0.0, 1.0, i32(i) == label)'};
  return weightOf(i) * ((1.0 - u.smoothing) * t + u.smoothing / f32(u.length));
}`);

/** WGSL: what both passes know of a row. A class that cannot be: no index of one, or logits without a finite maximum. */
const lookAtRow = (v: ForwardVariant) => `
  let label = ${v.probabilities ? '0' : 'targets[row]'};
  let ignored = ${v.probabilities ? 'false' : 'label == u.ignoreIndex'};
  var greatest = infinity(0x80000000u);
  ${eachOfRow(v, 'greatest = greater(greatest, x[at]);')}
  greatest = rowMax(localIndex, greatest);
  let valid = label >= 0 && label < i32(u.length) && isFinite(greatest);
  var sum = 0.0;
  var shares = 0.0;
  ${eachOfRow(v, 'sum += exp(x[at] - greatest); shares += shareOf(i, at, label);')}
  sum = rowSum(localIndex, sum);
  shares = rowSum(localIndex, shares);`;

const forward = /* @__PURE__ */ defineKernel({
  name: 'crossEntropy.forward',
  buffers: (v: ForwardVariant) => ({
    ...inputs(v),
    losses: writes('f32'),
    ...(!v.probabilities && { weights: writes('f32') }),
  }),
  uniforms: UNIFORMS,
  divisible: true,
  uses: (v) => [...rowPieces(v), LOG_AT_LEAST_1, share(v)],
  body: (v) =>
    rowEntry(
      v,
      `${lookAtRow(v)}
  var gaps = 0.0;
  ${eachOfRow(
    v,
    `
    let share = shareOf(i, at, label);
    // A class of probability 0 may have the logit −∞.
    if (share != 0.0) { gaps += share * (x[at] - greatest); }`,
  )}
  gaps = rowSum(localIndex, gaps);
  if (${v.shared ? 'localIndex == 0u' : 'true'}) {
    let loss = select(notANumber(), shares * logAtLeast1(sum) - gaps, valid);
    losses[row] = select(loss, 0.0, ignored);
    ${v.probabilities ? '' : 'weights[row] = select(weightOf(u32(label)), 0.0, ignored);'}
  }`,
    ),
});

const backward = /* @__PURE__ */ defineKernel({
  name: 'crossEntropy.backward',
  buffers: (v: BackwardVariant) => ({
    ...inputs(v),
    dy: reads('f32'),
    ...(v.divided && { total: reads('f32') }),
    dx: writes('f32'),
  }),
  uniforms: { ...UNIFORMS, dyStride: 'u32', factor: 'f32' },
  writesPadding: true,
  divisible: true,
  uses: (v) => [...rowPieces(v), share(v)],
  body: (v) =>
    rowEntry(
      v,
      `${lookAtRow(v)}
  let slope = u.factor * dy[row * u.dyStride]${v.divided ? ' / total[0]' : ''};
  ${eachOfRow(
    v,
    `
    var value = 0.0;
    if (exists(i, at) && !ignored) {
      let difference = exp(x[at] - greatest) / sum * shares - shareOf(i, at, label);
      value = select(notANumber(), slope * difference, valid);
    }
    dx[at] = value;`,
    'u.paddedLength',
  )}`,
    ),
});

/** The axis of classes. */
const CLASSES = 1;

/**
 * The loss of each row of logits `[N, C, …]` into `losses` `[N, …]`: NaN where the target is no class, 0 where it is the one to
 * ignore. x is row-major or channels-last; targets lie as the losses do, probabilities as x. `weights`, where targets are
 * indexes, gets the weight of each one's class, 0 where it is ignored.
 */
export function crossEntropyPlan(
  x: Operand,
  { ignoreIndex, smoothing, ...flags }: CrossEntropyTerms,
): KernelPlan<BuffersOf<'x' | 'targets' | 'losses', 'classWeights' | 'weights'>> {
  const { variant, uniforms, workgroups } = rowsAlong(x, CLASSES);
  return forward({ ...variant, ...flags }, { ...uniforms, ignoreIndex, smoothing }, workgroups);
}

/**
 * The gradient of {@link crossEntropyPlan} with respect to x: `dy` is that of each row, or, if `reduced`, one for all. It is
 * taken times `factor` and, if `divided`, divided by `total`. dx's padding becomes zero.
 */
export function crossEntropyBackwardPlan(
  x: Operand,
  { ignoreIndex, smoothing, ...flags }: CrossEntropyTerms,
  {
    reduced,
    divided,
    factor,
  }: { readonly reduced: boolean; readonly divided: boolean; readonly factor: number },
): KernelPlan<BuffersOf<'x' | 'targets' | 'dy' | 'dx', 'classWeights' | 'total'>> {
  const { variant, uniforms, workgroups } = rowsAlong(x, CLASSES);
  return backward(
    { ...variant, ...flags, divided },
    { ...uniforms, ignoreIndex, smoothing, dyStride: reduced ? 0 : 1, factor },
    workgroups,
  );
}
