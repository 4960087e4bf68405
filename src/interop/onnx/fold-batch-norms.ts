/**
 * @file Takes batch norms into the convolutions before them.
 *
 *     γ · (conv(x, w) + b − μ) / √(σ² + ε) + β  =  conv(x, s · w) + s · (b − μ) + β    with  s = γ / √(σ² + ε)
 *
 * Computed in float64 and rounded once.
 */

import type { GraphBuilder, OnnxConstant, OnnxNode } from './graph.ts';

/** Folds each batch norm of `graph` that has its convolution, and that one's filter, to itself. */
export function foldBatchNorms(graph: GraphBuilder): void {
  const folded = new Set<OnnxNode>();
  const uses = countUses(graph.nodes);
  const nodes = graph.nodes.map((node, i) => {
    const norm = graph.nodes.find((other) => other.inputs[0] === node.output);
    const foldable =
      node.operator === 'Conv' &&
      norm?.operator === 'BatchNormalization' &&
      uses.get(node.output) === 1 &&
      node.inputs.slice(1).every((constant) => uses.get(constant) === 1);
    if (!foldable) return graph.nodes[i]!;
    folded.add(norm);
    return fold(graph, node, norm);
  });
  graph.nodes.splice(0, graph.nodes.length, ...nodes.filter((node) => !folded.has(node)));
  dropUnused(graph);
}

function fold({ constants }: GraphBuilder, conv: OnnxNode, norm: OnnxNode): OnnxNode {
  const [x, filterName, biasName = `${conv.name}.bias`] = conv.inputs as [string, string, string?];
  const [gamma, beta, mean, variance] = norm.inputs.slice(1).map((name) => floats(constants.get(name)!));
  const { shape, data } = constants.get(filterName)!;
  const bias = constants.get(biasName);
  const epsilon = (norm.attributes.epsilon as { float: number }).float;
  const scale = Float64Array.from(gamma!, (value, i) => value / Math.sqrt(variance![i]! + epsilon));
  const channel = data.length / shape[0]!;
  const filter = floats({ shape, data }).map((value, i) => value * scale[Math.floor(i / channel)]!);
  const shift = Float32Array.from(
    scale,
    (factor, i) => beta![i]! + factor * ((bias ? floats(bias)[i]! : 0) - mean![i]!),
  );
  constants.set(filterName, { shape, data: filter });
  constants.set(biasName, { shape: [scale.length], data: shift });
  return { ...conv, inputs: [x, filterName, biasName], output: norm.output };
}

function floats({ data }: OnnxConstant): Float32Array {
  return data as Float32Array;
}

function countUses(nodes: readonly OnnxNode[]): Map<string, number> {
  const uses = new Map<string, number>();
  for (const name of nodes.flatMap(({ inputs }) => inputs)) uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
}

function dropUnused({ nodes, constants }: GraphBuilder): void {
  const uses = countUses(nodes);
  for (const name of constants.keys()) if (!uses.has(name)) constants.delete(name);
}
