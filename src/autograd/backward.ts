/**
 * @file Reverse mode: the gradients of one number by all leaves it depends on.
 */

import { check, FoveaError } from '../errors.ts';
import { formatShape, sameShape } from '../shape/shape.ts';
import { full } from '../tensor/create.ts';
import { runElementwise } from '../tensor/run.ts';
import { scope } from '../tensor/scope.ts';
import { Tensor } from '../tensor/tensor.ts';
import { Leaf, nodeOf, type OpNode } from './graph.ts';

/**
 * Adds the gradients of `output` by every leaf it depends on to those leaves. `gradient` is that of `output`
 * itself, 1 by default, and must be given unless `output` has one element. What the graph had saved is freed as
 * the walk goes on, so backward runs once a graph.
 *
 * Throws 'invalid-argument' where `output` depends on no leaf, 'shape-mismatch' where a gradient's shape is not
 * its tensor's, naming the op.
 */
export function backward(output: Tensor, gradient?: Tensor): void {
  const root = nodeOf(output);
  check(
    root !== undefined,
    'invalid-argument',
    () => 'backward: the output depends on no tensor that requires a gradient; was it made within noGrad()?',
  );
  check(
    gradient !== undefined || output.size === 1,
    'shape-mismatch',
    () =>
      `backward starts at one number, the output is ${formatShape(output.shape)}: take its mean or sum, or give a gradient`,
  );
  const { device, layout } = output;
  scope(device, () => {
    const start = gradient ?? full(device, output.shape, 1, { layout });
    checkGradient('backward', output, start);
    if (root instanceof Leaf) root.accept(start, root.destination());
    else walk(root, start.alias());
  });
}

/** Visits every node after all nodes that use its output. Iterative: a network may be deeper than the stack. */
function walk(root: OpNode, start: Tensor): void {
  const uses = countUses(root);
  const gradients = new Map<OpNode, Tensor>([[root, start]]);
  const ready = [root];
  for (let node = ready.pop(); node; node = ready.pop()) {
    const gradient = gradients.get(node)!;
    gradients.delete(node);
    visit(node, gradient, gradients);
    for (const input of node.inputs) {
      if (input === undefined || input instanceof Leaf) continue;
      const left = uses.get(input)! - 1;
      uses.set(input, left);
      if (left === 0) ready.push(input);
    }
  }
}

/** How many times each node below `root` is an input. */
function countUses(root: OpNode): Map<OpNode, number> {
  const uses = new Map<OpNode, number>([[root, 0]]);
  const open = [root];
  for (let node = open.pop(); node; node = open.pop()) {
    for (const input of node.inputs) {
      if (input === undefined || input instanceof Leaf) continue;
      const count = uses.get(input);
      uses.set(input, (count ?? 0) + 1);
      if (count === undefined) open.push(input);
    }
  }
  return uses;
}

/** Runs one node's backward and hands the gradients on to its inputs. */
function visit(node: OpNode, gradient: Tensor, gradients: Map<OpNode, Tensor>): void {
  const needs = node.inputs.map((input) => input !== undefined);
  const into = node.inputs.map((input) => (input instanceof Leaf ? input.destination() : undefined));
  const results = node.backward(gradient, { needs, into });
  node.inputs.forEach((input, i) => {
    if (input === undefined) return;
    const result = results[i];
    if (!result)
      throw new FoveaError('shape-mismatch', `backward of ${node.name} gave no gradient for input ${i}`);
    checkGradient(node.name, node.operands[i]!, result);
    if (input instanceof Leaf) input.accept(result, into[i]);
    else gradients.set(input, combine(gradients.get(input), result));
  });
  for (const result of results) result?.dispose();
  for (const tensor of into) tensor?.dispose();
  gradient.dispose();
  node.release();
}

/** A handle on the sum of the gradients that came so far and a further one. */
function combine(sum: Tensor | undefined, gradient: Tensor): Tensor {
  if (!sum) return gradient.alias();
  const total = Tensor.allocate(sum.device, sum);
  runElementwise('add', sum, gradient, total);
  sum.dispose();
  return total;
}

function checkGradient(name: string, operand: Pick<Tensor, 'shape' | 'layout'>, gradient: Tensor): void {
  check(
    sameShape(operand.shape, gradient.shape) &&
      operand.layout === gradient.layout &&
      gradient.dtype === 'f32',
    'shape-mismatch',
    () =>
      `${name}: the gradient of a tensor ${formatShape(operand.shape)} (${operand.layout}) must have its shape and layout, ` +
      `got ${formatShape(gradient.shape)} (${gradient.layout}, ${gradient.dtype})`,
  );
}
