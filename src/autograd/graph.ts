/**
 * @file The graph that backward walks: which op made a tensor, and which tensors want gradients.
 *
 * There is no tape: every tensor that depends on a leaf knows the node that made it, and a node knows the nodes of
 * its inputs. Tensors may be freed while the graph lives on; a node keeps what its backward needs.
 */

import { BOOLEAN, checkArgument, FUNCTION } from '../arguments.ts';
import type { BufferSlice } from '../device/buffer-pool.ts';
import type { Device } from '../device/device.ts';
import { check } from '../errors.ts';
import { formatShape } from '../shape/shape.ts';
import { checkDevice } from '../tensor/check-device.ts';
import { checkTensor } from '../tensor/check-tensor.ts';
import { keep } from '../tensor/scope.ts';
import { type AnyTensor, Tensor } from '../tensor/tensor.ts';
import { accumulate } from './gradient-sum.ts';

/** A tensor that gradients are collected for. */
export class Leaf {
  readonly #tensor: WeakRef<Tensor>;
  readonly #device: Device;
  readonly #isolation: object | undefined;
  #collects = true;
  #gradient: Tensor | undefined;
  /** Where the gradient is to lie, if not in memory of its own. */
  #target: BufferSlice | undefined;

  constructor(tensor: Tensor) {
    this.#tensor = new WeakRef(tensor);
    this.#device = tensor.device;
    this.#isolation = isolations.get(tensor.device);
  }

  /** Whether ops take its tensor for a leaf: not for a constant, see {@link isolated}. */
  get counts(): boolean {
    return this.#collects && this.#isolation === isolations.get(this.#device);
  }

  /** Whether gradients are collected; the one there is goes where they no longer are. */
  get collects(): boolean {
    return this.#collects;
  }

  set collects(collects: boolean) {
    this.#collects = collects;
    if (!collects) this.clear();
  }

  /** The sum of the gradients since the last {@link clear}; undefined where there is none, or it was disposed. */
  get gradient(): Tensor | undefined {
    return this.#gradient?.disposed ? undefined : this.#gradient;
  }

  /** Has gradients written into `slice` from now on, or with undefined into memory of their own. */
  set target(slice: BufferSlice | undefined) {
    this.clear();
    this.#target = slice;
  }

  /** A tensor that the first gradient may be written into, if there is a target and no gradient yet. */
  destination(): Tensor | undefined {
    const tensor = this.#tensor.deref();
    if (!tensor || !this.#target || this.gradient) return undefined;
    return Tensor.on(this.#device, tensor, this.#target);
  }

  /** Adds what one backward pass came to. `sum` is the leaf's from now on; nobody else may hold its memory. */
  accept(sum: Tensor): void {
    if (!this.#collects) sum.dispose();
    else if (this.gradient) accumulate(sum, this.gradient);
    else this.#gradient = keep(sum);
  }

  /** Forgets the gradient. */
  clear(): void {
    this.#gradient?.dispose();
    this.#gradient = undefined;
  }
}

/** What a node's backward is given. */
export interface BackwardContext<Saved> {
  /** What forward saved. */
  readonly saved: Saved;
  /** Which inputs want a gradient; the others are left out. */
  readonly needs: readonly boolean[];
  /**
   * For each input a tensor that its gradient, and nothing else, may be written into, where there is one: the only
   * tensors beside its own that an op's backward writes to.
   */
  readonly into: readonly (Tensor | undefined)[];
}

/** The making of one tensor by one op. */
export interface OpNode {
  readonly name: string;
  /** The nodes of the inputs; undefined where an input depends on no leaf. */
  readonly inputs: readonly (OpNode | Leaf | undefined)[];
  /** The inputs' shapes and layouts, which their gradients must have. */
  readonly operands: readonly Pick<Tensor, 'shape' | 'layout'>[];
  /** The gradients of the inputs, given that of the output. */
  readonly backward: (
    gradient: Tensor,
    context: Pick<BackwardContext<never>, 'needs' | 'into'>,
  ) => readonly (Tensor | undefined)[];
  /** What {@link backward} needs of the forward pass. */
  readonly saved: readonly SavedTensor[];
  /** Whether a backward pass has freed what is saved. */
  released: boolean;
}

/** A tensor that a node keeps for its backward, as it was. */
export interface SavedTensor {
  /** A handle of the graph's own. */
  readonly tensor: AnyTensor;
  /** The tensor's version when it was saved. */
  readonly version: number;
}

/** Frees what a node has saved; its backward cannot run again if that was anything. */
export function release(node: OpNode): void {
  for (const { tensor } of node.saved) tensor.dispose();
  node.released = true;
}

/** Keyed by tensor, so that a tensor without gradients carries nothing. */
const nodes = new WeakMap<AnyTensor, OpNode | Leaf>();

/** How many `noGrad` are open on a device. */
const suspended = new WeakMap<Device, number>();

/** The innermost {@link isolated} that runs on a device, if any does. */
const isolations = new WeakMap<Device, object>();

/** The node of a tensor, undefined where it depends on no leaf that collects gradients. */
export function nodeOf(tensor: AnyTensor): OpNode | Leaf | undefined {
  const node = nodes.get(tensor);
  return node instanceof Leaf && !node.counts ? undefined : node;
}

/** Notes which node made a tensor. */
export function setNode(tensor: AnyTensor, node: OpNode): void {
  nodes.set(tensor, node);
}

/** Whether ops on this device note what they do. */
export function isRecording(device: Device): boolean {
  return !suspended.get(device);
}

/** Whether an op of these inputs notes what it does: where one of them depends on a leaf that collects gradients. */
export function isRecorded(device: Device, inputs: readonly (AnyTensor | undefined)[]): boolean {
  return isRecording(device) && inputs.some((input) => input !== undefined && nodeOf(input) !== undefined);
}

/**
 * Runs `work` without noting what it does, for less memory where no gradient is wanted. `work` must not be asynchronous:
 * throws 'invalid-argument' where it returns a promise.
 */
export function noGrad<T>(device: Device, work: () => T): T {
  checkDevice('noGrad', device);
  checkArgument('the work of noGrad', work, FUNCTION);
  suspended.set(device, (suspended.get(device) ?? 0) + 1);
  try {
    const result = work();
    check(
      !(result instanceof Promise),
      'invalid-argument',
      () => 'noGrad runs synchronous work: await outside of it',
    );
    return result;
  } finally {
    suspended.set(device, suspended.get(device)! - 1);
  }
}

/**
 * Runs `work`, which must not be asynchronous, with the leaves that `device` has taken for constants, and those that `work` marks for the
 * only ones: so that a network can be looked into without a gradient for any of its parameters, or the loss of one that is there.
 */
export function isolated<T>(device: Device, work: () => T): T {
  const outer = isolations.get(device);
  isolations.set(device, {});
  try {
    return work();
  } finally {
    if (outer) isolations.set(device, outer);
    else isolations.delete(device);
  }
}

/**
 * Has gradients of this tensor collected from now on: `backward` adds to what `gradOf` gives. With `required` false they are
 * collected no longer, the one there is is forgotten, and what is computed from now on treats it as a constant. Returns the tensor.
 * Throws 'dtype-mismatch' unless it is of type f32, 'invalid-argument' where an op made it out of other leaves.
 */
export function requiresGrad(tensor: Tensor, required = true): Tensor {
  checkTensor('requiresGrad', 'the leaf', tensor);
  checkArgument('required of requiresGrad', required, BOOLEAN);
  check(
    tensor.dtype === 'f32',
    'dtype-mismatch',
    () => `gradients need a tensor of type f32, this one is ${tensor.dtype}`,
  );
  const node = nodes.get(tensor);
  check(
    node === undefined || node instanceof Leaf,
    'invalid-argument',
    () =>
      `a tensor of shape ${formatShape(tensor.shape)} that an op made has a gradient already: mark the op's inputs`,
  );
  if (node) node.collects = required;
  else if (required) nodes.set(tensor, new Leaf(tensor));
  return tensor;
}

/** Whether gradients are collected for this tensor. */
export function isLeaf(tensor: Tensor): boolean {
  return nodeOf(tensor) instanceof Leaf;
}

/** The sum of a leaf's gradients, undefined where there is none. It lives until {@link clearGrad}. */
export function gradOf(tensor: Tensor): Tensor | undefined {
  return leafOf(tensor).gradient;
}

/** Forgets a leaf's gradient. */
export function clearGrad(tensor: Tensor): void {
  leafOf(tensor).clear();
}

/**
 * Has a leaf's gradients written into `slice`, in the tensor's own layout, instead of memory of their own; with
 * undefined into memory of their own again. The gradient it has is forgotten.
 */
export function setGradTarget(tensor: Tensor, slice: BufferSlice | undefined): void {
  leafOf(tensor).target = slice;
}

function leafOf(tensor: Tensor): Leaf {
  checkTensor('a gradient', 'the leaf', tensor);
  const node = nodes.get(tensor);
  check(
    node instanceof Leaf,
    'invalid-argument',
    () =>
      `no gradient is kept for this tensor of shape ${formatShape(tensor.shape)}: call requiresGrad() on it first`,
  );
  return node;
}
