/**
 * @file What a network is made of: its layers, their results and what these cost.
 */

import { checkArgument, instanceOf, type Rule } from '../arguments.ts';
import { Leaf, nodeOf, type OpNode, requiresGrad } from '../autograd/graph.ts';
import { checkShape, formatShape, type Shape, sizeOf } from '../shape/shape.ts';
import { zeros } from '../tensor/create.ts';
import { scope } from '../tensor/scope.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { count, textTable } from '../text-table.ts';
import { type AnyModule, Module } from './module.ts';
import { tensorsIn, watchCalls } from './watch-calls.ts';

/** One module of a network. */
export interface LayerSummary {
  /** Its structured name, empty for the network itself. */
  readonly name: string;
  /** The name of its class. */
  readonly type: string;
  /** The shapes of what it gave, last; none where it was not called. */
  readonly outputs: readonly Shape[];
  /** Elements of the parameters it holds itself, those of inner modules not counted. */
  readonly parameters: number;
  /** Multiplications of its convolutions and products, those of inner modules not counted; over all calls. */
  readonly multiplyAdds: number;
  /** Bytes of what it gave, padding included. */
  readonly bytes: number;
}

/** What {@link summary} gives; as a string, and where it is printed in Node, a table. */
export interface Summary {
  /** All modules of the network, outer ones first. */
  readonly layers: readonly LayerSummary[];
  /** Elements of all parameters. */
  readonly parameters: number;
  /** Multiplications of all convolutions and products. */
  readonly multiplyAdds: number;
  /** Bytes of all parameters. */
  readonly parameterBytes: number;
  /** The table. */
  toString(): string;
}

const MODULE: Rule = instanceOf(Module, 'a Module');

/** The multiply-adds of one application of an op: its result has shape `y`, its operands the others. */
const MULTIPLY_ADDS: Readonly<Record<string, (y: Shape, x: Shape, weight: Shape) => number>> = {
  conv2d: (y, _, weight) => (sizeOf(y) * sizeOf(weight)) / weight[0]!,
  convTranspose2d: (_, x, weight) => (sizeOf(x) * sizeOf(weight)) / weight[0]!,
  linear: (y, _, weight) => sizeOf(y) * weight[0]!,
  matmul: (y, x) => sizeOf(y) * x.at(-1)!,
};

/**
 * The layers of `model` with the shapes of their results, parameters, multiply-adds and bytes, for inputs of the given shape, or
 * of several shapes where it takes several tensors. The model is called on tensors that are allocated but no kernel runs, in
 * train mode but for layers without parameters, so that nothing is drawn and no statistic changes.
 *
 *     console.log(String(summary(model, [1, 3, 224, 224])));
 *
 * Throws 'invalid-argument' for what is no module or shape, and what the model throws for tensors of these shapes.
 */
export function summary(model: AnyModule, shape: Shape | readonly Shape[]): Summary {
  checkArgument('the model of summary', model, MODULE);
  const shapes = (
    Array.isArray(shape) && shape.every(Array.isArray) && shape.length > 0 ? shape : [shape]
  ) as Shape[];
  for (const each of shapes) checkShape(each);
  const modules = model.namedModules();
  const modes = modules.map(([, module]) => module.training);
  const notes = new Map<AnyModule, CallNote>(
    modules.map(([, module]) => [module, { multiplyAdds: 0, outputs: [] }]),
  );
  const counted = new Set<OpNode>();
  const releases = modules.map(([, module]) =>
    watchCalls(module, (result) => {
      const note = notes.get(module)!;
      note.outputs = tensorsIn(result).map(({ shape, bytes }) => ({ shape, bytes }));
      for (const tensor of tensorsIn(result)) note.multiplyAdds += multiplyAddsOf(tensor, counted);
    }),
  );
  try {
    for (const [, module] of modules) setTraining(module, holdsParameters(module));
    model.device.dryRun(() => {
      scope(model.device, () => {
        const inputs = shapes.map((each) => requiresGrad(zeros(model.device, each)));
        (model as unknown as (...inputs: Tensor[]) => unknown)(...inputs);
      });
    });
  } finally {
    for (const release of releases) release();
    modules.forEach(([, module], i) => {
      setTraining(module, modes[i]!);
    });
  }
  return describe(
    model,
    modules.map(([name, module]) => layerOf(name, module, notes.get(module)!)),
  );
}

/** What was seen of one module. */
interface CallNote {
  multiplyAdds: number;
  outputs: { readonly shape: Shape; readonly bytes: number }[];
}

/** The multiply-adds of all ops that lead to `result` and are not in `counted` yet. */
function multiplyAddsOf(result: Tensor, counted: Set<OpNode>): number {
  let sum = 0;
  const waiting: [node: OpNode | Leaf | undefined, y: Shape][] = [[nodeOf(result), result.shape]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [node, y] = next;
    if (!node || node instanceof Leaf || counted.has(node)) continue;
    counted.add(node);
    const [x, weight] = node.operands.map(({ shape }) => shape);
    sum += MULTIPLY_ADDS[node.name]?.(y, x!, weight ?? []) ?? 0;
    node.inputs.forEach((input, i) => {
      waiting.push([input, node.operands[i]!.shape]);
    });
  }
  return sum;
}

const holdsParameters = (module: AnyModule) => module.namedParameters().length > 0;

/** Sets the mode; outer modules come first, and take their inner ones with them. */
function setTraining(module: AnyModule, training: boolean): void {
  if (training) module.train();
  else module.eval();
}

function layerOf(name: string, module: AnyModule, { multiplyAdds, outputs }: CallNote): LayerSummary {
  const inner = new Set(
    module.namedModules().flatMap(([, other]) => (other === module ? [] : other.parameters())),
  );
  const own = module.parameters().filter((parameter) => !inner.has(parameter));
  return {
    name,
    type: module.constructor.name,
    outputs: outputs.map(({ shape }) => shape),
    parameters: own.reduce((sum, { tensor }) => sum + tensor.size, 0),
    multiplyAdds,
    bytes: outputs.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

const HEADINGS = ['layer', 'type', 'output', 'parameters', 'multiply-adds', 'bytes'];
const NUMBERS = [3, 4, 5];

function describe(model: AnyModule, layers: readonly LayerSummary[]): Summary {
  const total = (key: 'parameters' | 'multiplyAdds') => layers.reduce((sum, layer) => sum + layer[key], 0);
  const [parameters, multiplyAdds] = [total('parameters'), total('multiplyAdds')];
  const parameterBytes = model.parameters().reduce((sum, { tensor }) => sum + tensor.bytes, 0);
  const table = () => {
    const rows = layers.map((layer) => [
      layer.name || '(model)',
      layer.type,
      layer.outputs.map(formatShape).join(', '),
      count(layer.parameters),
      count(layer.multiplyAdds),
      count(layer.bytes),
    ]);
    const sums = [
      'in all',
      '',
      '',
      count(parameters),
      count(multiplyAdds),
      `${count(parameterBytes)} of parameters`,
    ];
    return textTable(HEADINGS, [...rows, sums], { numbers: NUMBERS, totals: 1 });
  };
  const result = { layers, parameters, multiplyAdds, parameterBytes, toString: table };
  Object.defineProperty(result, Symbol.for('nodejs.util.inspect.custom'), { value: table });
  return result;
}
