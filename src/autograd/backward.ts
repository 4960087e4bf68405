/**
 * @file Reverse mode: the gradients of one number by all leaves it depends on.
 */

import { ARRAY, BOOLEAN, checkArgument, checkOptions, type OptionRules } from '../arguments.ts';
import { check, FoveaError } from '../errors.ts';
import { formatShape, sameShape } from '../shape/shape.ts';
import { checkOneDevice, checkTensor } from '../tensor/check-tensor.ts';
import { full } from '../tensor/create.ts';
import { scope } from '../tensor/scope.ts';
import { Tensor } from '../tensor/tensor.ts';
import { GradientSum } from './gradient-sum.ts';
import { Leaf, nodeOf, type OpNode, release } from './graph.ts';

/** How {@link backward} runs. */
export interface BackwardOptions {
  /** Whether the graph keeps what it has saved, for a further backward pass through it; false by default. */
  readonly retainGraph?: boolean;
}

const OPTIONS: OptionRules<BackwardOptions> = { retainGraph: BOOLEAN };

/**
 * Adds the gradients of `output` by every leaf it depends on to those leaves: to all of them, or, where it throws, to none.
 * `gradient` is that of `output` itself, 1 by default, and must be given unless `output` has one element; it is only read.
 * What the graph had saved is freed as the walk proceeds, unless it is retained.
 *
 * Throws 'invalid-argument' where `output` depends on no leaf, or an op's saved tensor was written to after it ran;
 * 'disposed' where an earlier backward pass or the end of a scope has freed what an op had saved; 'shape-mismatch' where
 * a gradient's shape is not its tensor's, naming the op.
 */
export function backward(output: Tensor, gradient?: Tensor, options: BackwardOptions = {}): void {
  checkTensor('backward', 'the output', output);
  if (gradient !== undefined) checkTensor('backward', 'the gradient', gradient);
  checkOptions('backward', options, OPTIONS);
  const { retainGraph = false } = options;
  const root = nodeOf(output);
  check(
    root !== undefined,
    'invalid-argument',
    () =>
      'backward: the output depends on no tensor that requires a gradient; was it made within noGrad(), or are all parameters frozen?',
  );
  check(
    gradient !== undefined || output.size === 1,
    'shape-mismatch',
    () =>
      `backward starts at one number, the output is ${formatShape(output.shape)}: take its mean or sum, or give a gradient`,
  );
  const { device, layout } = output;
  const uses = root instanceof Leaf ? new Map<OpNode, number>() : countUses(root);
  for (const node of uses.keys()) checkSaved(node);
  scope(device, () => {
    const start = gradient ?? full(device, output.shape, 1, { layout });
    checkOneDevice('backward', [output, start]);
    checkGradient('backward', output, start);
    const sums: Sums = new Map();
    try {
      sumOf(sums, root).add(start);
      if (!(root instanceof Leaf)) walk(root, uses, sums, retainGraph);
    } finally {
      if (!retainGraph) for (const node of uses.keys()) release(node);
    }
    // All that can run out of memory comes before the first leaf is changed.
    const ready = [...sums].flatMap(([to, sum]) => (to instanceof Leaf ? [[to, sum.own()] as const] : []));
    for (const [leaf, sum] of ready) leaf.accept(sum);
  });
}

/** The gradients on their way: those of nodes that wait for more, and those of the leaves. */
type Sums = Map<OpNode | Leaf, GradientSum>;

function sumOf(sums: Sums, to: OpNode | Leaf): GradientSum {
  let sum = sums.get(to);
  if (!sum) {
    sum = new GradientSum(to instanceof Leaf ? to.destination() : undefined);
    sums.set(to, sum);
  }
  return sum;
}

/** Visits every node after all nodes that use its output. Iterative: a network may be deeper than the stack. */
function walk(root: OpNode, uses: Map<OpNode, number>, sums: Sums, retainGraph: boolean): void {
  const ready = [root];
  for (let node = ready.pop(); node; node = ready.pop()) {
    const gradient = sums.get(node)!.lend();
    sums.delete(node);
    visit(node, gradient, sums);
    gradient.dispose();
    if (!retainGraph) release(node);
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

/** Runs one node's backward and adds what it gives to the sums of its inputs. Some hundreds per training step: no closures. */
function visit(node: OpNode, gradient: Tensor, sums: Sums): void {
  const { inputs, saved } = node;
  const needs: boolean[] = [];
  const into: (Tensor | undefined)[] = [];
  for (const [i, input] of inputs.entries()) {
    needs.push(input !== undefined);
    // Memory is offered once, though a leaf may be several inputs.
    const isOffered = input instanceof Leaf && inputs.indexOf(input) === i;
    into.push(isOffered ? sumOf(sums, input).offer : undefined);
  }
  const results = node.backward(gradient, { needs, into });
  if (!Array.isArray(results)) checkArgument(`what backward of ${node.name} gives`, results, ARRAY);
  for (const [i, input] of inputs.entries()) {
    if (input === undefined) continue;
    const result = results[i];
    if (!result)
      throw new FoveaError('shape-mismatch', `backward of ${node.name} gave no gradient for input ${i}`);
    if (!(result instanceof Tensor))
      checkTensor(`backward of ${node.name}`, `the gradient of input ${i}`, result);
    checkGradient(node.name, node.operands[i]!, result);
    sumOf(sums, input).add(result);
  }
  for (const result of results)
    if (result && !into.includes(result) && !isSaved(result, saved)) result.dispose();
}

function isSaved(tensor: Tensor, saved: OpNode['saved']): boolean {
  for (const kept of saved) if (kept.tensor === tensor) return true;
  return false;
}

/** Checks that what a node has saved is there, and as it was when its op ran. */
function checkSaved({ name, saved, released }: OpNode): void {
  for (const { tensor, version } of saved) {
    check(!tensor.disposed, 'disposed', () =>
      released
        ? `backward: an earlier backward pass has freed what ${name} had saved: give that one { retainGraph: true }, or add the losses and call backward once`
        : `backward: what ${name} had saved was freed with the scope that it ran in: call backward inside that scope`,
    );
    check(
      tensor.version === version,
      'invalid-argument',
      () =>
        `backward: a tensor of shape ${formatShape(tensor.shape)} was written to (by an optimizer's step or upload()) after ` +
        `${name} had saved it, version ${version}, now ${tensor.version}: call backward before that, or run ${name} again`,
    );
  }
}

function checkGradient(name: string, operand: Pick<Tensor, 'shape' | 'layout'>, gradient: Tensor): void {
  const { shape, layout, dtype } = gradient;
  if (sameShape(operand.shape, shape) && operand.layout === layout && dtype === 'f32') return;
  throw new FoveaError(
    'shape-mismatch',
    `${name}: the gradient of a tensor ${formatShape(operand.shape)} (${operand.layout}) must have its shape and layout, ` +
      `got ${formatShape(shape)} (${layout}, ${dtype})`,
  );
}
