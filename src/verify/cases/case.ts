/**
 * @file A case: an op on given tensors, with given options.
 */

import type { Layout } from '../../shape/layout.ts';
import type { Shape } from '../../shape/shape.ts';
import type { OpName, OptionsOf } from '../op-runs.ts';

/** A tensor that an op is given. */
export interface CaseInput {
  readonly shape: Shape;
  /** Channels-last for rank 4, else row-major, where nothing is said. */
  readonly layout?: Layout;
  /** From −2 to 2 where nothing is said; `positive`: from ½ to 2½; `whole`: whole numbers from −2 to 2; `label`: 0, 1 and −100. */
  readonly values?: 'positive' | 'whole' | 'label';
  /** `constant`: it gets no gradient; `state`: the op writes into it, and it is looked at too. */
  readonly role?: 'constant' | 'state';
}

/** An op on given tensors. */
export interface OpCase<Name extends OpName = OpName> {
  readonly op: Name;
  /** What is awkward about it. */
  readonly about: string;
  readonly inputs: readonly CaseInput[];
  readonly options: OptionsOf[Name];
  /** Of the relative error of the value and of all gradients. */
  readonly bound: number;
}

/** A case of any op. */
export type AnyOpCase = { [Name in OpName]: OpCase<Name> }[OpName];

/** The name under which its figures are kept, and its tensors' values are hashed. */
export const nameOf = ({ op, about }: Pick<OpCase, 'op' | 'about'>): string => `${op}, ${about}`;

/** No options. */
export const NONE = {};
/** Maps of five channels, which are padded to eight, and 21 pixels. */
export const MAP: Shape = [2, 5, 3, 7];
/** An input that gets a gradient. */
export const x = (shape: Shape, more: Omit<CaseInput, 'shape'> = {}): CaseInput => ({ shape, ...more });
/** An input that gets none. */
export const constant = (shape: Shape, more: Omit<CaseInput, 'shape'> = {}) =>
  x(shape, { ...more, role: 'constant' });

/** A case. */
export function of<Name extends OpName>(
  op: Name,
  about: string,
  inputs: readonly CaseInput[],
  options: OptionsOf[Name],
  bound: number,
): AnyOpCase {
  // TypeScript does not see that a case of one name is a case of some name.
  return { op, about, inputs, options, bound } satisfies OpCase<Name> as unknown as AnyOpCase;
}
