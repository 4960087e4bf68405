/**
 * @file The key of what `using` calls at the end of a block.
 */

/**
 * `Symbol.dispose`; where a runtime lacks it, the symbol that esbuild's and Babel's translation of `using` takes in its place.
 * Resolved here once: nothing is added to the global `Symbol`.
 */
export const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
