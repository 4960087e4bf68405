/**
 * @file What a forward convolution does with its sums before it writes them: bias; a batch norm by running
 * statistics; the sum with a residual; ReLU. In evaluation a whole block of a residual network is thus one pass.
 */

import { IS_NEGATIVE } from '../float-bits.ts';
import { type BufferDeclaration, reads } from '../kernel.ts';

/** Which steps there are; they come in this order. */
export interface Epilogue {
  /** `+ bias[out]` */
  readonly bias: boolean;
  /** `· scale + shift`, out of the statistics buffer of `batch-norm/statistics.ts`. */
  readonly norm: boolean;
  /** `+ residual`, of the output's shape. */
  readonly residual: boolean;
  /** `max(…, 0)` */
  readonly relu: boolean;
}

/** A bias or nothing. */
export function biasEpilogue(bias: boolean): Epilogue {
  return { bias, norm: false, residual: false, relu: false };
}

/** The buffers of an epilogue, which come between weight and y: bias, statistics, residual. */
export function epilogueBuffers({
  bias,
  norm,
  residual,
}: Epilogue): Partial<Record<'bias' | 'statistics' | 'residual', BufferDeclaration>> {
  return {
    ...(bias ? { bias: reads('vec4f') } : {}),
    ...(norm ? { statistics: reads('vec4f') } : {}),
    ...(residual ? { residual: reads('vec4f') } : {}),
  };
}

/** WGSL outside of functions that {@link epilogueWrite} needs. */
export function epilogueFunctions({ relu }: Epilogue): string {
  return relu ? IS_NEGATIVE : '';
}

/** WGSL: the value that the sums of output block `block` start at. The tail of a bias holds anything. */
export function epilogueStart({ bias }: Epilogue, block = 'block'): string {
  if (!bias) return 'vec4f()';
  return `select(vec4f(), bias[${block}], ${block} * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(u.outChannels))`;
}

/** WGSL: `scale` and `shift` of output block `block`, where {@link epilogueWrite} needs them. */
export function epilogueSetup({ norm }: Epilogue, block = 'block'): string {
  if (!norm) return '';
  return `let scale = statistics[2u * u.outBlocks + ${block}]; let shift = statistics[3u * u.outBlocks + ${block}];`;
}

/** Whether sums are written as they are: a bias is what they start at. */
export function writesSums({ norm, residual, relu }: Epilogue): boolean {
  return !norm && !residual && !relu;
}

/** WGSL: statements that write `sum` to `y[index]`. */
export function epilogueWrite(epilogue: Epilogue, sum: string, index: string): string {
  if (writesSums(epilogue)) return `y[${index}] = ${sum};`;
  const { norm, residual, relu } = epilogue;
  return `let at = ${index};
    let value = ${norm ? `fma(${sum}, scale, shift)` : sum}${residual ? ' + residual[at]' : ''};
    y[at] = ${relu ? 'select(value, vec4f(), isNegative(value))' : 'value'};`;
}
