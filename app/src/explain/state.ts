/**
 * @file What the page Explain shows.
 */

import { signal } from '@preact/signals';
import { runTask } from '../engine/client.ts';
import { type Failure, failureOf } from '../engine/failure.ts';
import { type ShownModel, shownModel } from '../train/shown-model.ts';
import type { Explainable } from './explainable.ts';
import type { Look } from './look.ts';

/** What there is to explain; undefined before the engine has told. */
export const explainable = signal<Explainable | undefined>(undefined);
/** The photograph that is explained, by its place in the validation set. */
export const chosenPlace = signal(0);
/** The layer that it is explained by; undefined for the one that suits. */
export const chosenLayer = signal<string | undefined>(undefined);
/** The class that is explained; undefined for the most probable one. */
export const chosenClass = signal<number | undefined>(undefined);
/** How much the colours cover where the most speaks. */
export const opacity = signal(0.6);
/** What the model sees in the photograph. */
export const look = signal<Look | undefined>(undefined);
/** Why that failed. */
export const failure = signal<Failure | undefined>(undefined);

let asked = 0;
let askedModel: ShownModel | undefined;

/** Asks what there is to explain. */
export function askWhat(): Promise<void> {
  return attempt(async () => {
    const model = shownModel.value;
    if (askedModel !== model) [explainable.value, look.value] = [undefined, undefined];
    askedModel = model;
    const found = await runTask('explainable', model.which);
    if (askedModel !== model) return;
    if (chosenPlace.value >= found.photographs.length) chosenPlace.value = 0;
    explainable.value = found;
  });
}

/** Explains the chosen photograph; what was asked for later wins. */
export function explainNow(): Promise<void> {
  return attempt(async () => {
    const what = explainable.value;
    if (!what) return;
    const mine = ++asked;
    const layer = chosenLayer.value ?? what.layer;
    const { which } = shownModel.value;
    const found = await runTask('explainPhotograph', { place: chosenPlace.value, layer, which });
    if (mine === asked) look.value = found;
  });
}

async function attempt(work: () => Promise<void>): Promise<void> {
  failure.value = undefined;
  try {
    await work();
  } catch (error) {
    failure.value = failureOf(error);
  }
}
