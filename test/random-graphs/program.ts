/**
 * @file Programs over all public ops, drawn at random: graphs with tensors used twice, shared leaves, broadcasts, dead
 * branches, frozen leaves and several losses.
 *
 * fast-check draws lists of numbers and shrinks them; {@link build} makes a program of any such list: a number picks
 * among what fits, and an instruction that nothing fits is left out.
 */

import type { Layout } from '../../src/shape/layout.ts';
import { sizeOf } from '../reference/array.ts';
import { convTranspose2dOutputShape } from '../reference/conv-transpose2d.ts';
import { conv2dOutputShape } from '../reference/conv2d.ts';
import { broadcastShape } from '../reference/elementwise.ts';
import { type PadMode, paddedShape, type Range, sliceShape } from '../reference/move.ts';
import { poolOutputShape } from '../reference/pool.ts';
import { reducedShape } from '../reference/reduce.ts';
import fc from '../support/fast-check.ts';
import {
  BINARY_NAMES,
  type BinaryName,
  COMPARISONS,
  isBinary,
  isUnary,
  UNARY_NAMES,
  type UnaryName,
} from './element-ops.ts';

type Shape = readonly number[];
type Pair = readonly [number, number];

/** A tensor that the program begins with. */
export interface LeafSpec {
  readonly shape: Shape;
  readonly layout: Layout;
  /** Whether it is a constant. */
  readonly frozen: boolean;
  /** Whether it lies, with its gradient, in the arena of an optimizer. */
  readonly inArena: boolean;
}

/** The window of a convolution: only a few, since each is a pipeline of its own. */
export interface ConvWindow {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number, number, number];
  readonly groups: number;
}

/** The window of a pooling. */
export interface PoolWindow {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number, number, number];
  readonly ceilMode: boolean;
  readonly exclusive: boolean;
  readonly global: boolean;
}

/** What an op is beside its inputs. */
export type OpKind =
  | {
      readonly op:
        | 'add'
        | 'subtract'
        | 'multiply'
        | 'relu'
        | 'sigmoid'
        | 'cast'
        | 'linear'
        | 'matmul'
        | 'accuracy';
    }
  | { readonly op: 'abs' | 'exp' | 'tanh' | 'silu' | 'softplus' | 'hardSigmoid' | 'hardSwish' | 'gelu' }
  | { readonly op: UnaryName | BinaryName | 'where' }
  | { readonly op: 'addNumber' | 'subtractNumber' | 'multiplyNumber'; readonly number: number }
  | {
      readonly op: 'sum' | 'mean' | 'max' | 'min' | 'variance' | 'logSumExp';
      readonly axes: readonly number[];
      readonly keepDims: boolean;
    }
  | { readonly op: 'softmax' | 'logSoftmax'; readonly axis: number }
  | { readonly op: 'argMax'; readonly axis: number; readonly keepDims: boolean }
  | { readonly op: 'reshape'; readonly shape: Shape }
  | { readonly op: 'concat' | 'stack' | 'flatten'; readonly axis: number }
  | { readonly op: 'permute'; readonly axes: readonly number[] }
  | { readonly op: 'slice'; readonly ranges: readonly Range[] }
  | { readonly op: 'pad'; readonly pads: readonly Pair[]; readonly padMode: PadMode }
  | { readonly op: 'gather'; readonly indexes: readonly number[] }
  | { readonly op: 'toLayout'; readonly layout: Layout }
  | { readonly op: 'conv2d' | 'convBatchNorm' | 'convTranspose2d'; readonly window: ConvWindow }
  | { readonly op: 'batchNorm'; readonly training: boolean; readonly relu: boolean }
  | { readonly op: 'dropout' | 'dropPath'; readonly probability: number; readonly seed: number }
  | { readonly op: 'layerNorm'; readonly axes: readonly number[]; readonly weighted: boolean }
  | { readonly op: 'groupNorm'; readonly groups: number; readonly weighted: boolean }
  | { readonly op: 'maxPool2d' | 'avgPool2d'; readonly window: PoolWindow }
  | { readonly op: 'sigmoidCrossEntropyWithLogits'; readonly normalize: boolean }
  | { readonly op: 'upsample'; readonly size: Pair; readonly bilinear: boolean }
  | { readonly op: 'adaptiveAvgPool2d'; readonly size: Pair }
  | { readonly op: 'crossEntropy' | 'mse' | 'l1' | 'smoothL1' | 'dice' }
  | { readonly op: 'normalizeImages' | 'augmentImages' };

/** One op: its output is the value after the leaves and the ops before it. */
export type Op = OpKind & {
  readonly inputs: readonly number[];
  readonly shape: Shape;
  /** How it is called: as it is, within `noGrad`, within a scope of its own, or as a module. */
  readonly mode: 'plain' | 'noGrad' | 'scope' | 'module';
};

/** Where a backward pass begins. */
export interface Loss {
  readonly value: number;
  /** Whether the gradient of the value is given; it is 1 otherwise, and the value a single number. */
  readonly given: boolean;
}

/** A program. */
export interface Program {
  readonly leaves: readonly LeafSpec[];
  readonly ops: readonly Op[];
  /** Backward passes through one graph, one after the other. */
  readonly losses: readonly Loss[];
  /** How many times the ops are run and the passes are made, gradients adding up. */
  readonly passes: number;
  /** Of the numbers that it works on. */
  readonly seed: number;
}

/** The ops that note nothing for backward, by what `scope` may end while the graph lives on. */
const SAVES_NOTHING = new Set([
  'dropout',
  'dropPath',
  'neg',
  'add',
  'subtract',
  'addNumber',
  'sum',
  'mean',
  'reshape',
  'concat',
  'stack',
  'flatten',
  'permute',
  'slice',
  'pad',
  'toLayout',
  'avgPool2d',
  'upsample',
  'adaptiveAvgPool2d',
]);

/** The ops whose results depend on no leaf. */
const WITHOUT_GRADIENT = new Set<string>([
  'cast',
  'convBatchNorm',
  'normalizeImages',
  'augmentImages',
  'accuracy',
  'argMax',
  ...COMPARISONS,
]);

/** The kinds of instructions, with those that connect values first: fast-check shrinks towards them. */
export const KINDS = [
  'add',
  'multiply',
  'subtract',
  'addNumber',
  'multiplyNumber',
  'subtractNumber',
  'relu',
  'sigmoid',
  'abs',
  'exp',
  'tanh',
  'silu',
  'softplus',
  'hardSigmoid',
  'hardSwish',
  'gelu',
  ...UNARY_NAMES,
  ...BINARY_NAMES,
  'where',
  'sum',
  'mean',
  'max',
  'min',
  'variance',
  'logSumExp',
  'argMax',
  'softmax',
  'logSoftmax',
  'reshape',
  'concat',
  'stack',
  'flatten',
  'permute',
  'slice',
  'pad',
  'gather',
  'toLayout',
  'matmul',
  'linear',
  'conv2d',
  'convTranspose2d',
  'batchNorm',
  'dropout',
  'dropPath',
  'layerNorm',
  'groupNorm',
  'maxPool2d',
  'avgPool2d',
  'upsample',
  'adaptiveAvgPool2d',
  'mse',
  'l1',
  'smoothL1',
  'dice',
  'crossEntropy',
  'sigmoidCrossEntropyWithLogits',
  'cast',
  'convBatchNorm',
  'normalizeImages',
  'augmentImages',
  'accuracy',
] as const satisfies readonly Op['op'][];

const LARGEST = 360;
const EXTENTS = [1, 2, 3, 4, 5];
const NUMBERS = [-1, 0.5, 2, 0];

const CONV_WINDOWS: readonly Omit<ConvWindow, 'groups'>[] = [
  { kernel: [1, 1], stride: [1, 1], padding: [0, 0, 0, 0] },
  { kernel: [3, 3], stride: [1, 1], padding: [1, 1, 1, 1] },
  { kernel: [2, 1], stride: [3, 2], padding: [0, 1, 0, 0] },
];

const window = (
  kernel: readonly [number, number],
  stride: readonly [number, number],
  padding: PoolWindow['padding'],
  flags: Partial<PoolWindow> = {},
): PoolWindow => ({ kernel, stride, padding, ceilMode: false, exclusive: true, global: false, ...flags });

const POOL_WINDOWS: readonly PoolWindow[] = [
  window([2, 2], [2, 2], [0, 0, 0, 0]),
  window([3, 2], [2, 1], [1, 1, 1, 0]),
  window([2, 2], [2, 2], [0, 1, 1, 0], { exclusive: false, ceilMode: true }),
  window([1, 1], [1, 1], [0, 0, 0, 0], { global: true }),
];

/** What fast-check draws. */
export interface Draft {
  readonly map: readonly [number, number, number, number];
  readonly instructions: readonly (readonly [kind: number, ...picks: number[]])[];
  readonly losses: readonly number[];
  readonly passes: number;
  readonly seed: number;
}

const pick = fc.nat({ max: 999 });

/** Drafts of up to `most` instructions. */
export const arbitraryDraft = (most: number): fc.Arbitrary<Draft> => {
  const extent = fc.nat({ max: EXTENTS.length - 1 });
  return fc.record({
    map: fc.tuple(fc.nat({ max: 1 }), extent, extent, extent),
    instructions: fc.array(fc.tuple(fc.nat({ max: KINDS.length - 1 }), pick, pick, pick, pick, pick), {
      minLength: 1,
      maxLength: most,
    }),
    losses: fc.array(pick, { minLength: 1, maxLength: 3 }),
    passes: fc.integer({ min: 1, max: 2 }),
    seed: pick,
  });
};

/** The program that a draft stands for; undefined where it has no loss that depends on a leaf. */
export function build(draft: Draft): Program | undefined {
  return new Builder(draft.map.map((i) => EXTENTS[i]!)).build(draft);
}

class Builder {
  readonly #leaves: LeafSpec[] = [];
  readonly #ops: Op[] = [];
  /** By value: ops refer to leaves as −1 − index until all leaves are known. */
  readonly #values: { readonly id: number; readonly shape: Shape; readonly depends: boolean }[] = [];

  constructor(map: Shape) {
    const [n, c, h, w] = map as [number, number, number, number];
    this.#leaf(map, 1);
    for (const [i, shape] of [map, [1, c, 1, 1], [n, 1, h, w], [w], [1]].entries()) this.#leaf(shape, i + 1);
  }

  build({ instructions, losses, passes, seed }: Draft): Program | undefined {
    for (const [kind, ...picks] of instructions) {
      const drawn = this.#draw(KINDS[kind]!, picks as Picks);
      if (drawn && sizeOf(drawn.shape) <= LARGEST) this.#add(drawn);
    }
    const candidates = this.#values.filter(({ depends }) => depends).reverse();
    if (candidates.length === 0) return undefined;
    const resolve = (id: number) => (id < 0 ? -1 - id : this.#leaves.length + id);
    return {
      leaves: this.#leaves,
      ops: this.#ops.map((op) => ({ ...op, inputs: op.inputs.map(resolve) })),
      losses: losses.map((loss) => {
        const { id, shape } = candidates[loss % candidates.length]!;
        return { value: resolve(id), given: sizeOf(shape) > 1 || loss % 2 === 1 };
      }),
      passes,
      seed,
    };
  }

  /** A new leaf; the number decides what kind of one. */
  #leaf(shape: Shape, number: number, layout?: Layout): number {
    const byRank: readonly Layout[] =
      shape.length === 4 ? ['channels-last', 'row-major', 'filter'] : ['row-major'];
    const frozen = number % 5 === 0;
    this.#leaves.push({
      shape,
      layout: layout ?? byRank[number % byRank.length]!,
      frozen,
      inArena: !frozen && number % 2 === 0,
    });
    const id = -this.#leaves.length;
    this.#values.push({ id, shape, depends: !frozen });
    return id;
  }

  /** A parameter: a leaf of this shape that is there already, or a new one. */
  #parameter(shape: Shape, number: number): number {
    const known = this.#values.filter((value) => value.id < 0 && sameShape(value.shape, shape));
    const shared = known[number % (known.length + 1)];
    return shared ? shared.id : this.#leaf(shape, number);
  }

  /** A value that fits, the newest for number 0. */
  #value(number: number, fits: (shape: Shape) => boolean) {
    const fitting = this.#values.filter(({ shape }) => fits(shape)).reverse();
    return fitting[number % fitting.length];
  }

  #add({ kind, inputs, shape, number }: Drawn): void {
    const mode = modeOf(kind.op, number);
    const differentiated = kind.op === 'where' ? inputs.slice(1) : inputs;
    const depends =
      mode !== 'noGrad' &&
      !WITHOUT_GRADIENT.has(kind.op) &&
      this.#values.some((value) => differentiated.includes(value.id) && value.depends);
    this.#values.push({ id: this.#ops.length, shape, depends });
    this.#ops.push({ ...kind, inputs, shape, mode });
  }

  /** An op of two values that broadcast. */
  #pair(op: 'add' | 'subtract' | 'multiply' | BinaryName, p: number, q: number, r: number, t: number): Drawn {
    const a = this.#value(p, () => true)!;
    const b = this.#value(q, (shape) => canBroadcast(a.shape, shape))!;
    const inputs = r % 2 === 0 ? [a.id, b.id] : [b.id, a.id];
    return drawn({ op }, inputs, broadcastShape(a.shape, b.shape), t);
  }

  #draw(op: Op['op'], [p, q, r, s, t]: Picks): Drawn | undefined {
    const any = () => true;
    const isMap = (shape: Shape) => shape.length === 4;
    if (isUnary(op)) {
      const x = this.#value(p, any)!;
      return drawn({ op }, [x.id], x.shape, t);
    }
    if (isBinary(op)) return this.#pair(op, p, q, r, t);
    switch (op) {
      case 'add':
      case 'subtract':
      case 'multiply':
        return this.#pair(op, p, q, r, t);
      case 'where': {
        const condition = this.#value(p, any)!;
        const a = this.#value(q, (shape) => canBroadcast(condition.shape, shape))!;
        const both = broadcastShape(condition.shape, a.shape);
        const b = this.#value(r, (shape) => canBroadcast(both, shape))!;
        return drawn({ op }, [condition.id, a.id, b.id], broadcastShape(both, b.shape), t);
      }
      case 'addNumber':
      case 'subtractNumber':
      case 'multiplyNumber':
      case 'relu':
      case 'sigmoid':
      case 'abs':
      case 'exp':
      case 'tanh':
      case 'silu':
      case 'softplus':
      case 'hardSigmoid':
      case 'hardSwish':
      case 'gelu':
      case 'cast': {
        const x = this.#value(p, any)!;
        return drawn({ op, number: NUMBERS[q % NUMBERS.length]! }, [x.id], x.shape, t);
      }
      case 'softmax':
      case 'logSoftmax': {
        const x = this.#value(p, any)!;
        return drawn({ op, axis: q % x.shape.length }, [x.id], x.shape, t);
      }
      case 'argMax': {
        const x = this.#value(p, any)!;
        const axis = q % x.shape.length;
        const keepDims = r % 2 === 1;
        return drawn({ op, axis, keepDims }, [x.id], reducedShape(x.shape, { axes: [axis], keepDims }), t);
      }
      case 'sum':
      case 'mean':
      case 'max':
      case 'min':
      case 'variance':
      case 'logSumExp': {
        const x = this.#value(p, any)!;
        const axes = x.shape.flatMap((_, axis) => ((q >> axis) % 2 === 0 ? [axis] : []));
        const keepDims = r % 2 === 1;
        return drawn({ op, axes, keepDims }, [x.id], reducedShape(x.shape, { axes, keepDims }), t);
      }
      case 'reshape': {
        const x = this.#value(p, any)!;
        const shape = reshapes(x.shape)[q % reshapes(x.shape).length]!;
        return drawn({ op, shape }, [x.id], shape, t);
      }
      case 'concat': {
        const first = this.#value(p, any)!;
        const axis = q % first.shape.length;
        const fits = (shape: Shape) =>
          shape.length === first.shape.length && shape.every((n, i) => i === axis || n === first.shape[i]);
        const parts = [first, ...[r, s].slice(0, 1 + (t % 2)).map((n) => this.#value(n, fits)!)];
        const shape = first.shape.map((n, i) =>
          i === axis ? parts.reduce((sum, x) => sum + x.shape[i]!, 0) : n,
        );
        return drawn(
          { op, axis },
          parts.map(({ id }) => id),
          shape,
          s,
        );
      }
      case 'stack': {
        const first = this.#value(p, (shape) => shape.length < 4)!;
        const axis = q % (first.shape.length + 1);
        const parts = [r, s].slice(0, t % 3).map((n) => this.#value(n, (x) => sameShape(x, first.shape))!.id);
        return drawn({ op, axis }, [first.id, ...parts], first.shape.toSpliced(axis, 0, 1 + parts.length), s);
      }
      case 'flatten': {
        const x = this.#value(p, any)!;
        const axis = q % x.shape.length;
        const kept = x.shape.slice(0, axis);
        return drawn({ op, axis }, [x.id], [...kept, sizeOf(x.shape) / sizeOf(kept)], t);
      }
      case 'permute': {
        const x = this.#value(p, any)!;
        const axes = permutation(x.shape.length, q);
        const shape = axes.map((axis) => x.shape[axis]!);
        return drawn({ op, axes }, [x.id], shape, t);
      }
      case 'slice': {
        const x = this.#value(p, any)!;
        const ranges = x.shape.map((extent, axis) => rangeOf(extent, [q, r, s, t][axis]!));
        return drawn({ op, ranges }, [x.id], sliceShape(ranges), t);
      }
      case 'pad': {
        const x = this.#value(p, any)!;
        const padMode = (['constant', 'reflect', 'replicate'] as const)[q % 3]!;
        const most = (axis: number) => (padMode === 'reflect' ? Math.min(2, x.shape[axis]! - 1) : 2);
        const pads = x.shape.map((_, axis): Pair => {
          const number = [r, s, r >> 4, s >> 4][axis]!;
          return [number % (most(axis) + 1), (number >> 2) % (most(axis) + 1)];
        });
        return drawn({ op, pads, padMode }, [x.id], paddedShape(x.shape, pads), t);
      }
      case 'gather': {
        const x = this.#value(p, any)!;
        const rows = x.shape[0]!;
        const indexes = [q, r, s].slice(0, 1 + (t % 3)).map((number) => number % rows);
        return drawn({ op, indexes }, [x.id], [indexes.length, ...x.shape.slice(1)], q);
      }
      case 'toLayout': {
        const x = this.#value(p, isMap)!;
        const layouts: readonly Layout[] = ['row-major', 'channels-last', 'filter'];
        return drawn({ op, layout: layouts[q % 3]! }, [x.id], x.shape, t);
      }
      case 'matmul': {
        const x = this.#value(p, (shape) => shape.length >= 2)!;
        const out = 1 + (q % 4);
        const batch = r % 2 === 0 ? x.shape.slice(0, -2) : [];
        const weight = this.#parameter([...batch, x.shape.at(-1)!, out], s);
        return drawn({ op }, [x.id, weight], [...x.shape.slice(0, -1), out], t);
      }
      case 'linear':
      case 'accuracy': {
        const x = this.#value(p, (shape) => shape.length === 2);
        if (!x) return undefined;
        if (op === 'accuracy') return drawn({ op }, [x.id], [1], t);
        const out = 1 + (q % 4);
        const inputs = [x.id, this.#parameter([x.shape[1]!, out], r)];
        if (s % 2 === 0) inputs.push(this.#parameter([out], s >> 1));
        return drawn({ op }, inputs, [x.shape[0]!, out], t);
      }
      case 'conv2d':
      case 'convBatchNorm': {
        const x = this.#value(p, isMap)!;
        const channels = x.shape[1]!;
        const groups = q % 4 === 3 ? channels : 1;
        const out = groups === channels ? channels : 1 + (r % 5);
        const conv = { ...CONV_WINDOWS[q % 3]!, groups };
        const weight = [out, channels / groups, ...conv.kernel];
        if (!windowFits(x.shape, conv.kernel, conv.padding)) return undefined;
        const inputs = [x.id, this.#parameter(weight, r >> 3)];
        if (op === 'convBatchNorm') inputs.push(this.#parameter([out], s), this.#parameter([out], s >> 1));
        else if (s % 2 === 0) inputs.push(this.#parameter([out], s >> 1));
        const options = { ...conv, dilation: [1, 1] } as const;
        return drawn({ op, window: conv }, inputs, conv2dOutputShape(x.shape, weight, options), t);
      }
      case 'convTranspose2d': {
        const x = this.#value(p, isMap)!;
        const channels = x.shape[1]!;
        const conv = { ...CONV_WINDOWS[q % 3]!, groups: q % 4 === 3 ? channels : 1 };
        const out = conv.groups === channels ? channels : 1 + (r % 5);
        const weight = [channels, out / conv.groups, ...conv.kernel];
        const options = { ...conv, dilation: [1, 1], outputPadding: [0, 0] } as const;
        const shape = convTranspose2dOutputShape(x.shape, weight, options);
        if (shape.some((extent) => extent < 1)) return undefined;
        const inputs = [x.id, this.#parameter(weight, r >> 3)];
        if (s % 2 === 0) inputs.push(this.#parameter([out], s >> 1));
        return drawn({ op, window: conv }, inputs, shape, t);
      }
      case 'batchNorm': {
        const x = this.#value(p, isMap)!;
        const channels = [x.shape[1]!];
        const inputs = [x.id, this.#parameter(channels, q), this.#parameter(channels, r)];
        if (s % 2 === 0) inputs.push(this.#value(s >> 1, (shape) => sameShape(shape, x.shape))!.id);
        return drawn({ op, training: t % 4 > 0, relu: t % 8 > 3 }, inputs, x.shape, t >> 3);
      }
      case 'dropout':
      case 'dropPath': {
        const x = this.#value(p, any)!;
        return drawn({ op, probability: [0.5, 0.1, 0, 1][q % 4]!, seed: r }, [x.id], x.shape, t);
      }
      case 'layerNorm': {
        const x = this.#value(p, any)!;
        const rank = x.shape.length;
        const last = Array.from({ length: 1 + (q % rank) }, (_, i) => rank - 1 - (q % rank) + i);
        const axes = isMap(x.shape) && r % 2 === 0 ? [1] : last;
        const parameters = axes.map((axis) => x.shape[axis]!);
        const weighted = s % 2 === 0;
        const inputs = [x.id, ...(weighted ? [this.#parameter(parameters, s >> 1)] : [])];
        return drawn({ op, axes, weighted }, [...inputs, this.#parameter(parameters, s)], x.shape, t);
      }
      case 'groupNorm': {
        const x = this.#value(p, (shape) => shape.length === 2 || shape.length === 4)!;
        const channels = x.shape[1]!;
        const groups = [1, channels, channels % 2 === 0 ? 2 : 1][q % 3]!;
        const weighted = r % 2 === 0;
        const inputs = [x.id, ...(weighted ? [this.#parameter([channels], r >> 1)] : [])];
        return drawn({ op, groups, weighted }, [...inputs, this.#parameter([channels], s)], x.shape, t);
      }
      case 'upsample':
      case 'adaptiveAvgPool2d': {
        const x = this.#value(p, isMap)!;
        const size = [1 + (q % 6), 1 + (r % 6)] as const;
        const shape = [x.shape[0]!, x.shape[1]!, ...size];
        return drawn({ op, size, bilinear: s % 2 === 1 }, [x.id], shape, t);
      }
      case 'maxPool2d':
      case 'avgPool2d': {
        const x = this.#value(p, isMap)!;
        const pool = POOL_WINDOWS[q % POOL_WINDOWS.length]!;
        if (!pool.global && !windowFits(x.shape, pool.kernel, pool.padding)) return undefined;
        const shape = poolOutputShape(x.shape, { type: 'max', ...pool });
        if (!lastWindowFits(x.shape, shape, pool)) return undefined;
        return drawn({ op, window: pool }, [x.id], shape, t);
      }
      case 'mse':
      case 'l1':
      case 'smoothL1':
      case 'dice': {
        const x = this.#value(p, (shape) => op !== 'dice' || shape.length >= 3);
        if (!x) return undefined;
        const target = this.#value(q, (shape) => sameShape(shape, x.shape))!;
        return drawn({ op }, [x.id, target.id], [1], t);
      }
      case 'crossEntropy': {
        const x = this.#value(p, (shape) => shape.length >= 2);
        return x && drawn({ op }, [x.id], [1], t);
      }
      case 'sigmoidCrossEntropyWithLogits': {
        const x = this.#value(p, any)!;
        return drawn({ op, normalize: q % 2 === 1 }, [x.id], x.shape, t);
      }
      case 'normalizeImages':
      case 'augmentImages':
        return drawn({ op }, [], [1 + (p % 2), 3, 1 + (q % 4), 1 + (r % 4)], t);
    }
  }
}

type Picks = [number, number, number, number, number];

/** An op with its inputs; the number decides how it is called. */
interface Drawn {
  readonly kind: OpKind;
  readonly inputs: readonly number[];
  readonly shape: Shape;
  readonly number: number;
}

const drawn = (kind: OpKind, inputs: readonly number[], shape: Shape, number: number): Drawn => ({
  kind,
  inputs,
  shape,
  number,
});

function modeOf(op: Op['op'], number: number): Op['mode'] {
  if (number % 12 === 11) return 'noGrad';
  if (number % 6 === 4) return SAVES_NOTHING.has(op) ? 'scope' : 'module';
  return number % 6 === 5 ? 'module' : 'plain';
}

function reshapes(shape: Shape): Shape[] {
  const size = sizeOf(shape);
  const rows = shape[0]!;
  return [
    [rows, size / rows],
    [size],
    [1, size, 1, 1],
    [...shape].reverse(),
    [1, ...shape].slice(0, 4),
  ].filter((other) => sizeOf(other) === size);
}

/** One of the orders of `rank` axes. */
function permutation(rank: number, number: number): number[] {
  const left = Array.from({ length: rank }, (_, axis) => axis);
  return Array.from({ length: rank }, (_, i) => left.splice((number >> i) % left.length, 1)[0]!);
}

/** A part of an axis, the whole of it for number 0. */
function rangeOf(extent: number, number: number): Range {
  const start = number % extent;
  return { start, end: extent - ((number >> 3) % (extent - start)), step: 1 + ((number >> 5) % 2) };
}

function windowFits(x: Shape, kernel: readonly number[], padding: readonly number[]): boolean {
  return x[2]! + padding[0]! + padding[1]! >= kernel[0]! && x[3]! + padding[2]! + padding[3]! >= kernel[1]!;
}

/** Whether the last window has a pixel, which the ceil mode does not promise. */
function lastWindowFits(x: Shape, y: Shape, { stride, padding }: PoolWindow): boolean {
  return (y[2]! - 1) * stride[0] - padding[0] < x[2]! && (y[3]! - 1) * stride[1] - padding[2] < x[3]!;
}

function canBroadcast(a: Shape, b: Shape): boolean {
  const pairs = Array.from({ length: Math.min(a.length, b.length) }, (_, i) => [
    a.at(-1 - i)!,
    b.at(-1 - i)!,
  ]);
  return pairs.every(([m, n]) => m === n || m === 1 || n === 1);
}

function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}
