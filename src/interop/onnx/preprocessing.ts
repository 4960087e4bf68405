/**
 * @file The operators that make a network's input of photographs, as `normalizeImages` does.
 */

import type { PreprocessingSteps } from '../../data/preprocessing.ts';
import { type ChannelTriple, normalizationUniforms } from '../../kernels/normalize-image.ts';
import type { GraphBuilder } from './graph.ts';

/** RGB bytes `[N, H, W, 3]` to `[N, 3, H, W]`: `(x − 255 · mean) / (255 · std)`. Returns the name of the result. Throws
 * 'invalid-argument' where a deviation is not positive. */
export function emitPreprocessing(
  graph: GraphBuilder,
  images: string,
  { order, normalization }: PreprocessingSteps,
): string {
  const perChannel = (word: string, ...values: ChannelTriple) =>
    graph.constant(word, [1, 3, 1, 1], Float32Array.from(values));
  const { mean0, mean1, mean2, scale0, scale1, scale2 } = normalizationUniforms(normalization);
  const numbers = graph.node('Cast', [images], { to: { int: FLOAT } });
  const planes = graph.node('Transpose', [numbers], { perm: { ints: [0, 3, 1, 2] } });
  const ordered = order === 'rgb' ? planes : reversed(graph, planes);
  const centered = graph.node('Sub', [ordered, perChannel('mean', mean0, mean1, mean2)]);
  return graph.node('Mul', [centered, perChannel('scale', scale0, scale1, scale2)]);
}

/** The element type of float32 among ONNX's. */
const FLOAT = 1;

/** Blue first in place of red. */
function reversed(graph: GraphBuilder, planes: string): string {
  const order = graph.constant('bgr', [3], BigInt64Array.of(2n, 1n, 0n));
  return graph.node('Gather', [planes, order], { axis: { int: 1 } });
}
