/**
 * @file Puts a model into a mode for a while.
 */

import type { AnyModule, Module } from '../nn/module.ts';

/** How batch norm normalizes: by the batch's statistics, or by the running ones. */
export type Mode = 'training' | 'evaluation';

/** Puts `model` into `mode`. What it returns puts every module back into the mode that it was in. */
export function holdMode(model: Module, mode: Mode): () => void {
  const modes = model.namedModules().map(([, module]) => [module, module.training] as const);
  setMode(model, mode === 'training');
  // Outer modules come first, and take their inner ones with them.
  return () => {
    for (const [module, training] of modes) setMode(module, training);
  };
}

function setMode(module: AnyModule, training: boolean): void {
  if (training) module.train();
  else module.eval();
}
