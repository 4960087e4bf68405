/**
 * @file WGSL that kernels share, put together of pieces.
 */

import { checkArgument, type Rule, STRING } from '../arguments.ts';

/** Declarations of WGSL that kernels share: functions, structures, workgroup memory. */
export class Piece {
  /** Its own declarations. */
  readonly code: string;
  /** The pieces whose declarations they mention. */
  readonly uses: readonly Piece[];

  /** @internal Made by {@link piece}. */
  constructor(code: string, uses: readonly Piece[]) {
    this.code = code;
    this.uses = uses;
  }

  /** The code of the piece and of all that it uses. */
  toString(): string {
    return include([this]);
  }
}

/**
 * A piece of WGSL for the `uses` of `defineKernel`: declarations, and the pieces that they use. A kernel has each once,
 * however often it is used.
 */
export function piece(code: string, uses: readonly Piece[] = []): Piece {
  checkArgument('the code of a piece', code, STRING);
  checkArgument('what a piece uses', uses, PIECES);
  return new Piece(code, uses);
}

/** A list of pieces. */
export const PIECES: Rule = {
  holds: (value) => Array.isArray(value) && value.every((each) => each instanceof Piece),
  words: 'an array of what piece() returns',
};

/** The code of `pieces` and of all that they use, each once. */
export function include(pieces: readonly Piece[]): string {
  const codes = new Set<string>();
  const add = ({ code, uses }: Piece) => {
    uses.forEach(add);
    codes.add(code);
  };
  pieces.forEach(add);
  return [...codes].join('\n');
}
