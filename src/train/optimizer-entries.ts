/**
 * @file How an optimizer's state lies in a checkpoint: a tensor `velocity.conv.weight` for each thing that is remembered of each
 * parameter, and beside them, in the metadata, what they are.
 */

import * as v from 'valibot';
import { check } from '../errors.ts';
import { record, wholeNumber } from '../io/validate.ts';
import type { StateDict } from '../nn/state-dict.ts';
import type { OptimizerState } from '../optim/optimizer-state.ts';
import { anyNumber } from './progress-format.ts';

/** What the metadata say of an optimizer, its step excepted. */
export const optimizerMetadata = record({
  name: v.string('a string'),
  slots: v.array(v.string('a string'), 'a list'),
  updates: v.optional(v.record(v.string(), wholeNumber(0), 'an object')),
  schedules: v.optional(v.array(v.record(v.string(), anyNumber, 'an object'), 'a list')),
});

type OptimizerMetadata = v.InferOutput<typeof optimizerMetadata>;

/** That of checkpoints which say nothing: there was one optimizer. */
export const MOMENTUM_METADATA: OptimizerMetadata = { name: 'Momentum', slots: ['velocity'] };

/** What {@link optimizerMetadata} reads. */
export function metadataOf({ name, slots, updates, schedules }: OptimizerState): OptimizerMetadata {
  return {
    name,
    slots: Object.keys(slots),
    ...(updates ? { updates } : {}),
    ...(schedules ? { schedules: [...schedules] } : {}),
  };
}

/**
 * The state dict of a whole checkpoint. Throws 'invalid-argument' where a tensor of the model is called as one of the
 * optimizer might be.
 */
export function joinEntries(model: StateDict, slots: Readonly<Record<string, StateDict>>): StateDict {
  const joined = new Map(model);
  for (const [slot, entries] of Object.entries(slots)) {
    const clash = [...model.keys()].find((name) => name.startsWith(`${slot}.`));
    check(
      clash === undefined,
      'invalid-argument',
      () =>
        `the model's ${clash} is called as the optimizer's ${slot} are in a checkpoint: rename that module`,
    );
    for (const [name, entry] of entries) joined.set(`${slot}.${name}`, entry);
  }
  return joined;
}

/** Takes apart what {@link joinEntries} joined. */
export function splitEntries(
  joined: StateDict,
  slots: readonly string[],
): { model: StateDict; slots: Record<string, StateDict> } {
  const model: StateDict = new Map();
  const found = Object.fromEntries(slots.map((slot): [string, StateDict] => [slot, new Map()]));
  for (const [name, entry] of joined) {
    const slot = slots.find((slot) => name.startsWith(`${slot}.`));
    if (slot === undefined) model.set(name, entry);
    else found[slot]!.set(name.slice(slot.length + 1), entry);
  }
  return { model, slots: found };
}
