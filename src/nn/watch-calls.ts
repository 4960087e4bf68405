/**
 * @file Looks at what modules give while a network runs, or replaces it.
 */

import { Tensor } from '../tensor/tensor.ts';
import { membersOf } from './members.ts';
import type { AnyModule } from './module.ts';

/** Hands every result of `module` to `look`, until what it returns is called. */
export function watchCalls(module: AnyModule, look: (result: unknown) => void): () => void {
  return replaceResults(module, (result) => {
    look(result);
    return result;
  });
}

/**
 * Has `module` give what `replace` makes of each of its results, until what it returns is called. A property of its own shadows its
 * class's `forward`.
 */
export function replaceResults(module: AnyModule, replace: (result: unknown) => unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(module, 'forward');
  const forward: (...inputs: never) => unknown = module.forward.bind(module);
  Object.defineProperty(module, 'forward', {
    configurable: true,
    value: (...inputs: never) => replace(forward(...inputs)),
  });
  return () => {
    Reflect.deleteProperty(module, 'forward');
    if (own) Object.defineProperty(module, 'forward', own);
  };
}

/** The tensors in a module's result: itself, or those in arrays and objects. */
export function tensorsIn(result: unknown): Tensor[] {
  return [...membersOf({ result })].flatMap(([, member]) => (member instanceof Tensor ? [member] : []));
}
