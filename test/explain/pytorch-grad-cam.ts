/**
 * @file Compares Grad-CAM with what pytorch-grad-cam made of the same network: see scripts/interop/grad_cam.py.
 */

import { gradCam } from '../../src/explain/grad-cam.ts';
import type { Module } from '../../src/nn/module.ts';
import { fromTorch } from '../../src/nn/torch.ts';
import { tensor } from '../../src/tensor/create.ts';
import { hashedValues } from '../../src/verify/hashed-values.ts';
import { hashedState } from '../support/hashed-state.ts';

/** The maps that pytorch-grad-cam made. */
export interface Reference {
  readonly classDim: number;
  readonly batch: number;
  /** Height and width of the images, and of the maps. */
  readonly size: number;
  /** The class of each image. */
  readonly classes: readonly number[];
  /** Whether those were left to be predicted. */
  readonly predicted: boolean;
  /** A map for each image, by the layer's name in PyTorch. */
  readonly layers: Readonly<Record<string, readonly (readonly number[])[]>>;
}

/** Loads the hashed weights, and gives the largest difference of a value by the layer. Throws where a class differs. */
export async function compareMaps(model: Module, reference: Reference): Promise<Record<string, number>> {
  const { batch, size, classes, predicted } = reference;
  fromTorch(model, await hashedState(model));
  const images = tensor(model.device, hashedValues('images', batch * 3 * size ** 2), [batch, 3, size, size]);
  const differences: Record<string, number> = {};
  for (const [layer, expected] of Object.entries(reference.layers)) {
    const maps = await gradCam(model, images, { layer, size, ...(predicted ? {} : { class: classes }) });
    const found = maps.map((map) => map.class);
    if (`${found}` !== `${classes}`) throw new Error(`the classes are ${found}, not ${classes}`);
    differences[layer] = Math.max(
      ...maps.map(({ values }, i) =>
        values.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[i]![at]!)), 0),
      ),
    );
  }
  images.dispose();
  return differences;
}
