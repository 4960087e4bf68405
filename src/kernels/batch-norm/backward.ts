/**
 * @file Batch norm's backward pass. With dp = dy where the fused ReLU let the element through, else 0, and
 * x̂ = (x − mean)·inv over m pixels (PaddlePaddle 1.8, operators/batch_norm_op.cc):
 *
 *     dβ = Σdp,   dγ = Σdp·x̂,   dresidual = dp
 *     with the batch's statistics:     dx = γ·inv/m·(m·dp − Σdp − x̂·Σ(dp·x̂))
 *     with the running statistics:     dx = γ·inv·dp
 *
 * Three passes: partial sums of dp and dp·(x − mean); their sums, which are dβ and dγ, and which make of the first
 * formula `dx = scale·dp + slope·(x − mean) + offset`; and dx itself.
 *
 * Which elements ReLU let through is read from y where a residual was added. Without one it is recomputed from
 * x, which is read anyway: y > 0 where x·scale + shift > 0. A NaN of the forward pass lets dy through.
 */

import { CHANNEL_BLOCK, channelBlocks } from '../../shape/layout.ts';
import { reads, writes } from '../buffers.ts';
import { IS_NEGATIVE } from '../float-bits.ts';
import { defineKernel } from '../kernel.ts';
import { piece } from '../wgsl.ts';
import { pixelEntry, pixelGrid, pixelUniforms, pixelValues } from './apply.ts';
import {
  type BatchNormFusion,
  type BatchNormSize,
  PER_CHANNEL,
  stripeCount,
  stripeEntry,
  stripeGrid,
  stripeUniforms,
  stripeValues,
  sumsEntry,
  sumsGrid,
  WORKGROUP_SUMS,
} from './channel-sums.ts';

/** Whose statistics the forward pass used. */
export type StatisticsSource = 'batch' | 'running';

/** Whether the forward pass's y is read, and is a buffer of the passes over the pixels. */
export function batchNormBackwardReadsOutput({ residual, relu }: BatchNormFusion): boolean {
  return relu && residual;
}

/** Floats of the buffer of coefficients, `[2][Cp]`: slope and offset. */
export function batchNormCoefficientsSize(channels: number): number {
  return 2 * channelBlocks(channels) * CHANNEL_BLOCK;
}

/** WGSL: the per-channel values that {@link upstream} and x − mean take. */
export const CHANNEL_VALUES = `
  let mean = statistics[block];
  let scale = statistics[2u * u.blocks + block];
  let shift = statistics[3u * u.blocks + block];`;

/** WGSL: where ReLU let nothing through: y ≤ 0, NaN excluded. */
export const IS_BLOCKED = /* @__PURE__ */ piece(
  'fn isBlocked(y: vec4f) -> vec4<bool> { return isNegative(y) | (bitcast<vec4u>(y) == vec4u()); }',
  [IS_NEGATIVE],
);

/** WGSL of dp at index `i`, where `value` is x there. */
export function upstream(fusion: BatchNormFusion): string {
  if (!fusion.relu) return 'dy[i]';
  const y = batchNormBackwardReadsOutput(fusion) ? 'y[i]' : 'fma(value, scale, shift)';
  return `select(dy[i], vec4f(), isBlocked(${y}))`;
}

const partials = defineKernel({
  name: 'batchNorm.backward.partials',
  buffers: (fusion: { residual: boolean; relu: boolean }) => ({
    dy: reads('vec4f'),
    x: reads('vec4f'),
    statistics: reads('vec4f'),
    ...(batchNormBackwardReadsOutput(fusion) && { y: reads('vec4f') }),
    partials: writes('vec4f'),
  }),
  uniforms: stripeUniforms,
  divisible: true,
  uses: [IS_BLOCKED],
  body: (fusion) =>
    stripeEntry(
      CHANNEL_VALUES,
      (index) => `{
    let i = ${index};
    let value = x[i];
    let dp = ${upstream(fusion)};
    first += dp;
    second = fma(dp, value - mean, second);
  }`,
    ),
});

/** Partial sums of dp and dp·(x − mean), from stripe `firstStripe` on; y is given where {@link batchNormBackwardReadsOutput}. */
export function batchNormBackwardPartialsPlan(
  size: BatchNormSize,
  { residual, relu }: BatchNormFusion,
  firstStripe = 0,
) {
  return partials({ residual, relu }, stripeValues(size, { firstStripe }), stripeGrid(size));
}

/** What the sums are wanted for. */
export interface BatchNormSumsOptions {
  readonly statistics: StatisticsSource;
  /** Whether dγ and dβ are wanted. */
  readonly parameters: boolean;
  /** Whether the coefficients of dx are wanted. Only the batch's statistics need any. */
  readonly coefficients: boolean;
}

/** Tells a single pixel apart, see {@link SUMS}. */
export const sumsUniforms = { unchanged: 'u32' } as const;

/** Its value. */
export function sumsValues({ pixels }: BatchNormSize, statistics: StatisticsSource) {
  return { unchanged: statistics === 'batch' && pixels === 1 ? 1 : 0 };
}

/**
 * WGSL of Σdp and Σdp·x̂ from the sums of dp and dp·(x − mean). Where x passed unchanged inv is 0, which makes Σdp·x̂
 * zero too, and scale is 1.
 */
export const SUMS = `
  let inv = statistics[u.blocks + block];
  let sum = select(first, vec4f(), u.unchanged == 1u);
  let product = second * inv;`;

/** WGSL that writes dγ and dβ. */
export const WRITE_PARAMETER_GRADIENTS = `
  dgamma[block] = perChannel(block, product);
  dbeta[block] = perChannel(block, sum);`;

/** WGSL of the coefficients of dx. */
export const COEFFICIENTS = `
  let share = statistics[2u * u.blocks + block] / f32(u.pixels);
  let slope = -share * inv * product;
  let offset = -share * sum;`;

/** WGSL of dx at an element, by the statistics of the batch. */
export const INPUT_GRADIENT = 'scale * dp + fma(slope, value - mean, offset)';

const sums = defineKernel({
  name: 'batchNorm.backward.sums',
  buffers: ({ parameters, coefficients }: { parameters: boolean; coefficients: boolean }) => ({
    partials: reads('vec4f'),
    statistics: reads('vec4f'),
    ...(parameters && { dgamma: writes('vec4f'), dbeta: writes('vec4f') }),
    ...(coefficients && { coefficients: writes('vec4f') }),
  }),
  uniforms: { ...stripeUniforms, ...sumsUniforms },
  divisible: true,
  uses: [PER_CHANNEL, WORKGROUP_SUMS],
  body: ({ parameters, coefficients }) =>
    sumsEntry(`
${SUMS}
${parameters ? WRITE_PARAMETER_GRADIENTS : ''}
${coefficients ? WRITE_COEFFICIENTS : ''}`),
});

const WRITE_COEFFICIENTS = `
${COEFFICIENTS}
  coefficients[block] = slope;
  coefficients[u.blocks + block] = offset;`;

/**
 * dγ, dβ and the coefficients of dx from the partial sums; elements of dγ and dβ, `[C]`, beyond the last channel
 * become zero.
 */
export function batchNormBackwardSumsPlan(
  size: BatchNormSize,
  { statistics, parameters, coefficients }: BatchNormSumsOptions,
  stripes = stripeCount(size),
) {
  const uniforms = Object.assign(stripeValues(size, { stripes }), sumsValues(size, statistics));
  return sums({ parameters, coefficients }, uniforms, sumsGrid(size));
}

/** Which gradients the pass over the pixels makes. */
export interface BatchNormInputGradients {
  readonly statistics: StatisticsSource;
  /** Whether dx is wanted. */
  readonly input: boolean;
  /** Whether dresidual = dp is wanted. */
  readonly residualInput: boolean;
}

const inputGradients = defineKernel({
  name: 'batchNorm.backward.input',
  buffers: (variant: { residual: boolean; relu: boolean; dx: string; dresidual: boolean }) => ({
    dy: reads('vec4f'),
    x: reads('vec4f'),
    statistics: reads('vec4f'),
    ...(batchNormBackwardReadsOutput(variant) && { y: reads('vec4f') }),
    ...(variant.dx === 'batch' && { coefficients: reads('vec4f') }),
    ...(variant.dx !== 'none' && { dx: writes('vec4f') }),
    ...(variant.dresidual && { dresidual: writes('vec4f') }),
  }),
  uniforms: pixelUniforms,
  divisible: true,
  uses: [IS_BLOCKED],
  body: ({ dx, dresidual, ...fusion }) => {
    const coefficients = 'let slope = coefficients[block]; let offset = coefficients[u.blocks + block];';
    const gradient = dx === 'batch' ? INPUT_GRADIENT : 'scale * dp';
    return pixelEntry(
      `${CHANNEL_VALUES}\n  ${dx === 'batch' ? coefficients : ''}`,
      `let value = x[i];
       let dp = ${upstream(fusion)};
       ${dx === 'none' ? '' : `dx[i] = ${gradient};`}
       ${dresidual ? 'dresidual[i] = dp;' : ''}`,
    );
  },
});

/**
 * dx, dresidual or both; y is given where {@link batchNormBackwardReadsOutput}, coefficients where dx is wanted and the
 * statistics are the batch's.
 */
export function batchNormBackwardInputPlan(
  size: BatchNormSize,
  { residual, relu }: BatchNormFusion,
  { statistics, input, residualInput }: BatchNormInputGradients,
) {
  const variant = { residual, relu, dx: input ? statistics : 'none', dresidual: residualInput };
  return inputGradients(variant, pixelValues(size), pixelGrid(size));
}
