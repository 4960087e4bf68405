/**
 * @file The training steps of `verify` in float64: its network as a program for the tape of the random graphs, and momentum.
 */

import { initialValues, TRAINING, trainingImages } from '../../src/verify/run-training.ts';
import type { ConvWindow, Op, OpKind, PoolWindow, Program } from '../random-graphs/program.ts';
import { runTape } from '../random-graphs/tape.ts';
import type { Values } from '../random-graphs/values.ts';
import { fromArray, full, map, type NdArray, zeros } from '../reference/array.ts';
import { momentumStep } from '../reference/momentum.ts';

type Shape = readonly number[];

/** A layer of the network: a convolution and its batch norm. */
interface Layer {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
  readonly stride: number;
}

const layer = (name: string, from: number, to: number, kernel: number, stride = 1): Layer => ({
  ...{ name, from, to, kernel, stride },
});

const LAYERS = {
  stem: layer('conv', 3, 6, 3),
  basic: [layer('blocks.0.conv0', 6, 6, 3), layer('blocks.0.conv1', 6, 6, 3)],
  bottleneck: [
    layer('blocks.1.conv0', 6, 5, 1),
    layer('blocks.1.conv1', 5, 5, 3, 2),
    layer('blocks.1.conv2', 5, 20, 1),
  ],
  short: layer('blocks.1.short', 6, 20, 1, 2),
} as const;

/** Builds the program value by value; leaves come first, so that ops are numbered after all of them. */
class Network {
  readonly leaves: { readonly name: string; readonly shape: Shape; readonly frozen: boolean }[] = [];
  readonly ops: Op[] = [];
  /** The names of layers whose batch norms are ops, by op. */
  readonly norms: (string | undefined)[] = [];

  leaf(name: string, shape: Shape, frozen = false): number {
    this.leaves.push({ name, shape, frozen });
    return -this.leaves.length;
  }

  op(kind: OpKind, inputs: readonly number[], shape: Shape, norm?: string): number {
    this.norms.push(norm);
    this.ops.push({ ...kind, inputs, shape, mode: 'plain' });
    return this.ops.length - 1;
  }

  shapeOf(value: number): Shape {
    return value < 0 ? this.leaves[-1 - value]!.shape : this.ops[value]!.shape;
  }

  layer({ name, from, to, kernel, stride }: Layer, x: number, relu: boolean, residual?: number): number {
    const [batch, , height, width] = this.shapeOf(x) as [number, number, number, number];
    const pad = (kernel - 1) / 2;
    const window: ConvWindow = {
      kernel: [kernel, kernel],
      stride: [stride, stride],
      padding: [pad, pad, pad, pad],
      groups: 1,
    };
    const shape = [batch, to, Math.ceil(height / stride), Math.ceil(width / stride)];
    const weight = this.leaf(`${name}._conv.weight`, [to, from, kernel, kernel]);
    const norm = ['weight', 'bias'].map((of) => this.leaf(`${name}._batch_norm.${of}`, [to]));
    const convolved = this.op({ op: 'conv2d', window }, [x, weight], shape);
    const inputs = [convolved, ...norm, ...(residual === undefined ? [] : [residual])];
    return this.op({ op: 'batchNorm', training: true, relu }, inputs, shape, `${name}._batch_norm`);
  }

  pool(op: 'maxPool2d' | 'avgPool2d', x: number, shape: Shape, window: Partial<PoolWindow>): number {
    const rest = { ceilMode: false, exclusive: true, global: false } as const;
    const side = { kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1] } as const;
    return this.op({ op, window: { ...rest, ...side, ...window } }, [x], shape);
  }
}

function buildNetwork(): Network {
  const network = new Network();
  const [batch] = TRAINING.images;
  const images = network.leaf('images', TRAINING.images, true);
  const stem = network.layer(LAYERS.stem, images, true);
  const pooled = network.pool('maxPool2d', stem, [batch, 6, 7, 6], {});
  const basic = network.layer(LAYERS.basic[1], network.layer(LAYERS.basic[0], pooled, true), true, pooled);
  const short = network.layer(LAYERS.short, basic, false);
  const inner = LAYERS.bottleneck.slice(0, 2).reduce((x, each) => network.layer(each, x, true), basic);
  const bottleneck = network.layer(LAYERS.bottleneck[2], inner, true, short);
  const features = network.pool('avgPool2d', bottleneck, [batch, 20, 1, 1], { global: true });
  const rows = network.op({ op: 'reshape', shape: [batch, 20] }, [features], [batch, 20]);
  const out = [network.leaf('out.weight', [20, 3]), network.leaf('out.bias', [3])];
  const logits = network.op({ op: 'linear' }, [rows, ...out], [batch, 3]);
  network.op({ op: 'crossEntropy' }, [logits], [1]);
  return network;
}

/** The results that `runTraining` has to come to, by name; `noise` as for the tape. */
export function referenceTraining(noise?: () => number): Record<string, NdArray> {
  const { leaves, ops, norms } = buildNetwork();
  const resolve = (value: number) => (value < 0 ? -1 - value : leaves.length + value);
  const program: Program = {
    leaves: leaves.map(({ shape, frozen }) => ({ shape, frozen, layout: 'row-major', inArena: false })),
    ops: ops.map((op) => ({ ...op, inputs: op.inputs.map(resolve) })),
    losses: [{ value: leaves.length + ops.length - 1, given: false }],
    passes: 1,
    seed: 0,
  };
  const initial = leaves.map(({ name, shape, frozen }) =>
    fromArray(shape, frozen ? trainingImages() : initialValues(name, shape)),
  );
  let running: Values['running'] = ops.map(({ shape }, i) =>
    norms[i] === undefined ? undefined : ([zeros([shape[1]!]), full([shape[1]!], 1)] as const),
  );
  let values = initial;
  let velocities = initial.map(({ shape }) => zeros(shape));
  const results: Record<string, NdArray> = {};
  for (let step = 1; step <= TRAINING.steps; step++) {
    const labels = ops.map(({ op }) =>
      op === 'crossEntropy' ? fromArray([TRAINING.labels.length], TRAINING.labels) : undefined,
    );
    const given = { leaves: values, given: [undefined], labels, images: ops.map(() => undefined), running };
    const outcome = runTape(program, given, noise);
    results[`loss ${step}`] = outcome.losses[0]!;
    const statistics = outcome.running.filter((array) => array !== undefined);
    running = norms.map((norm) =>
      norm === undefined ? undefined : ([statistics.shift()!, statistics.shift()!] as const),
    );
    const updated = values.map((value, i) => {
      const gradient = outcome.gradients[i];
      return gradient
        ? momentumStep(value, gradient, velocities[i]!, TRAINING.optimizer)
        : { parameter: value, velocity: velocities[i]! };
    });
    values = updated.map(({ parameter }) => parameter);
    velocities = updated.map(({ velocity }) => velocity);
  }
  leaves.forEach(({ name, frozen }, i) => {
    if (!frozen) results[name] = map(values[i]!, (value, k) => value - initial[i]!.data[k]!);
  });
  norms.forEach((norm, i) => {
    if (norm === undefined) return;
    results[`${norm}._mean`] = running[i]![0];
    results[`${norm}._variance`] = running[i]![1];
  });
  return results;
}
