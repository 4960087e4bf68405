/**
 * @file Runs an ONNX graph in float64, operator by operator as https://onnx.ai/onnx/operators says.
 */

import { normalShare } from './activations.ts';
import { fromArray, map, type NdArray, reshape, type Shape4 } from './array.ts';
import { convTranspose2d } from './conv-transpose2d.ts';
import { conv2d } from './conv2d.ts';
import { binary } from './elementwise.ts';
import { matmul } from './matmul.ts';
import { gather, permute } from './move.ts';
import { pool } from './pool.ts';
import { softmax } from './softmax.ts';

/** An operator, as the protobuf library decodes it. */
interface Node {
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly {
    readonly name: string;
    readonly f: number;
    readonly i: bigint;
    readonly ints: readonly bigint[];
  }[];
}

/** A graph, as the protobuf library decodes it. */
export interface Graph {
  readonly node: readonly Node[];
  readonly initializer: readonly {
    readonly name: string;
    readonly dims: readonly bigint[];
    readonly dataType: number;
    readonly rawData: Uint8Array;
  }[];
  readonly output: readonly { readonly name: string }[];
}

/** The attributes of a node. */
class Attributes {
  readonly #node: Node;

  constructor(node: Node) {
    this.#node = node;
  }

  #find(name: string) {
    return this.#node.attribute.find((attribute) => attribute.name === name);
  }

  float(name: string): number {
    return this.#find(name)!.f;
  }

  int(name: string, otherwise = 0): number {
    return Number(this.#find(name)?.i ?? otherwise);
  }

  ints(name: string): number[] {
    return this.#find(name)!.ints.map(Number);
  }

  pair(name: string): [number, number] {
    return this.ints(name) as [number, number];
  }

  /** `[top, left, bottom, right]` in the file. */
  get padding(): Shape4 {
    const [top, left, bottom, right] = this.ints('pads');
    return [top!, bottom!, left!, right!];
  }

  get window() {
    return {
      stride: this.pair('strides'),
      padding: this.padding,
      dilation: this.pair('dilations'),
      groups: this.int('group', 1),
    };
  }

  pool(type: 'max' | 'avg') {
    return {
      type,
      kernel: this.pair('kernel_shape'),
      stride: this.pair('strides'),
      padding: this.padding,
      ceilMode: this.int('ceil_mode') === 1,
      exclusive: this.int('count_include_pad') === 0,
    };
  }
}

type Operator = (inputs: readonly NdArray[], attributes: Attributes) => NdArray;

const each =
  (f: (x: number) => number): Operator =>
  ([x]) =>
    map(x!, f);
const both =
  (f: (a: number, b: number) => number): Operator =>
  ([a, b]) =>
    binary(a!, b!, f);
const global = (type: 'max' | 'avg') => ({
  ...{ type, global: true },
  ...{ kernel: [1, 1] as const, stride: [1, 1] as const, padding: [0, 0, 0, 0] as const },
});

const OPERATORS: Record<string, Operator> = {
  Identity: ([x]) => x!,
  Cast: ([x]) => x!,
  Transpose: ([x], attributes) => permute(x!, attributes.ints('perm')),
  Gather: ([x, indexes], attributes) => {
    const axes = [attributes.int('axis'), ...x!.shape.keys()].filter(
      (axis, i, all) => all.indexOf(axis) === i,
    );
    const taken = gather(permute(x!, axes), [...indexes!.data], indexes!.shape);
    return permute(
      taken,
      axes.map((_, axis) => axes.indexOf(axis)),
    );
  },
  Add: both((a, b) => a + b),
  Sub: both((a, b) => a - b),
  Mul: both((a, b) => a * b),
  MatMul: ([a, b]) => matmul(a!, b!),
  Flatten: ([x]) => reshape(x!, [x!.shape[0]!, x!.data.length / x!.shape[0]!]),
  Conv: ([x, weight, bias], attributes) => conv2d(x!, weight!, attributes.window, bias),
  ConvTranspose: ([x, weight, bias], attributes) =>
    convTranspose2d(
      ...[x!, weight!],
      { ...attributes.window, outputPadding: attributes.pair('output_padding') },
      bias,
    ),
  BatchNormalization: ([x, ...statistics], attributes) => {
    const [gamma, beta, mean, variance] = statistics.map((values) =>
      reshape(values, [values.data.length, 1, 1]),
    );
    const scale = binary(gamma!, variance!, (g, v) => g / Math.sqrt(v + attributes.float('epsilon')));
    const centered = binary(x!, mean!, (value, m) => value - m);
    return binary(
      binary(centered, scale, (value, s) => value * s),
      beta!,
      (value, b) => value + b,
    );
  },
  MaxPool: ([x], attributes) => pool(x!, attributes.pool('max')),
  AveragePool: ([x], attributes) => pool(x!, attributes.pool('avg')),
  GlobalMaxPool: ([x]) => pool(x!, global('max')),
  GlobalAveragePool: ([x]) => pool(x!, global('avg')),
  Softmax: ([x], attributes) => {
    const axis = attributes.int('axis', -1);
    return softmax(x!, axis < 0 ? axis + x!.shape.length : axis);
  },
  Relu: each((x) => Math.max(x, 0)),
  Sigmoid: each((x) => 1 / (1 + Math.exp(-x))),
  Tanh: each(Math.tanh),
  Erf: each((x) => 2 * normalShare(x * Math.SQRT2) - 1),
  Softplus: each((x) => Math.log1p(Math.exp(x))),
  HardSwish: each((x) => x * Math.min(1, Math.max(0, x / 6 + 0.5))),
  HardSigmoid: ([x], attributes) =>
    map(x!, (value) =>
      Math.min(1, Math.max(0, attributes.float('alpha') * value + attributes.float('beta'))),
    ),
  LeakyRelu: ([x], attributes) => map(x!, (value) => (value < 0 ? attributes.float('alpha') * value : value)),
  Elu: ([x], attributes) =>
    map(x!, (value) => (value < 0 ? attributes.float('alpha') * Math.expm1(value) : value)),
};

/** The first output of `graph` for inputs by name. */
export function runOnnx(graph: Graph, inputs: Readonly<Record<string, NdArray>>): NdArray {
  const values = new Map(Object.entries(inputs));
  for (const initializer of graph.initializer) values.set(initializer.name, constantOf(initializer));
  for (const node of graph.node) {
    const operands = node.input.map((name) => {
      const value = values.get(name);
      if (!value) throw new Error(`${node.opType} takes ${name}, which nothing before it gives`);
      return value;
    });
    const operator = OPERATORS[node.opType];
    if (!operator) throw new Error(`the reference has no operator ${node.opType}`);
    values.set(node.output[0]!, operator(operands, new Attributes(node)));
  }
  return values.get(graph.output[0]!.name)!;
}

/** Of float32 (1) or int64 (7), little-endian. */
function constantOf({ dims, dataType, rawData }: Graph['initializer'][number]): NdArray {
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  const bytes = dataType === 1 ? 4 : 8;
  const values = Array.from({ length: rawData.byteLength / bytes }, (_, i) =>
    dataType === 1 ? view.getFloat32(4 * i, true) : Number(view.getBigInt64(8 * i, true)),
  );
  return fromArray(dims.map(Number), values);
}
