/**
 * @file What a forward convolution does with its sums before it writes them: bias; a batch norm by running
 * statistics; the sum with a residual; ReLU. In evaluation a whole block of a residual network is thus one pass.
 */

import { type BufferDeclaration, type BuffersOf, reads, writes } from '../buffers.ts';

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

/** The buffers of an epilogue and the result: those of `inputs`, bias, statistics, residual and y, in this order. */
export function withEpilogue<Input extends string>(
  inputs: Readonly<Record<Input, BufferDeclaration>>,
  { bias, norm, residual }: Epilogue,
): BuffersOf<Input | 'y', 'bias' | 'statistics' | 'residual'> {
  return {
    ...inputs,
    ...(bias && { bias: reads('vec4f') }),
    ...(norm && { statistics: reads('vec4f') }),
    ...(residual && { residual: reads('vec4f') }),
    y: writes('vec4f'),
  } as BuffersOf<Input | 'y', 'bias' | 'statistics' | 'residual'>;
}

/** Whether sums are written as they are: a bias is what they start at. */
export function writesSums({ norm, residual, relu }: Epilogue): boolean {
  return !norm && !residual && !relu;
}

/** The WGSL of an epilogue on the sums of the channel block `block` of outputs. The kernel uses the piece RELU. */
export function epilogueOf(epilogue: Epilogue, block = 'block') {
  const { bias, norm, residual, relu } = epilogue;
  const isChannel = `${block} * 4u + vec4u(0u, 1u, 2u, 3u) < vec4u(u.outChannels)`;
  return {
    /** The value that sums start at. The tail of a bias holds anything. */
    start: bias ? `select(vec4f(), bias[${block}], ${isChannel})` : 'vec4f()',
    /** Statements that {@link write} needs before it. */
    setup: norm
      ? `let scale = statistics[2u * u.outBlocks + ${block}]; let shift = statistics[3u * u.outBlocks + ${block}];`
      : '',
    /** Statements that write `sum` to `y[index]`. */
    write(sum: string, index: string): string {
      if (writesSums(epilogue)) return `y[${index}] = ${sum};`;
      const value = `${norm ? `fma(${sum}, scale, shift)` : sum}${residual ? ' + residual[at]' : ''}`;
      return `let at = ${index}; y[at] = ${relu ? `relu(${value})` : value};`;
    },
  };
}
