/**
 * @file One layer after the other.
 */

import { ARRAY, checkArgument, FUNCTION } from '../arguments.ts';
import type { Device } from '../device/device.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';

/** What a {@link Sequential} is made of: a module, or a function such as `relu`. */
export type Layer = (x: Tensor) => Tensor;

/**
 * Gives what the last layer makes of what the one before it makes of …: `new Sequential(device, [conv, relu, linear])`. State
 * dicts name the layers by their places, as PyTorch's do: `0.weight`, `2.bias`.
 */
export class Sequential extends Module {
  /** The layers, first to last. */
  readonly layers: readonly Layer[];
  protected override stateNames: Readonly<Record<string, string>> = { layers: '' };

  /** Throws 'invalid-argument' where a layer cannot be called. */
  constructor(device: Device, layers: readonly Layer[]) {
    super(device);
    checkArgument('the layers of Sequential', layers, ARRAY);
    layers.forEach((layer, i) => {
      checkArgument(`layer ${i} of Sequential`, layer, FUNCTION);
    });
    this.layers = [...layers];
  }

  override forward(x: Tensor): Tensor {
    return this.layers.reduce((y, layer) => layer(y), x);
  }
}
