/**
 * @file Freezes and thaws parameters by their names.
 */

import { checkArgument, type Rule } from '../arguments.ts';
import { counted } from '../counted.ts';
import { check } from '../errors.ts';
import { type AnyModule, MODULE } from './module.ts';

/** Which parameters: a name or the beginning of names up to a dot (`conv`, `layer1.0`), or an expression for whole names. */
export type ParameterPattern = string | RegExp;

const PATTERN: Rule = {
  holds: (value) => typeof value === 'string' || value instanceof RegExp,
  words: "the beginning of names, such as 'conv', or a RegExp",
};

/**
 * Has training leave the parameters of `module` alone whose structured names match `pattern`, or all: optimizers pass them over,
 * and backward computes nothing that only they would need. A batch norm whose parameters are frozen normalizes by its running
 * statistics and leaves them as they are, in train mode too; dropout works on as the mode says. Throws 'invalid-argument' where no name matches.
 *
 *     freeze(model); // then train the head alone
 *     unfreeze(model, 'out');
 */
export function freeze(module: AnyModule, pattern?: ParameterPattern): void {
  setRequiresGrad('freeze', module, pattern, false);
}

/** Undoes {@link freeze} for the parameters whose names match `pattern`, or all. Throws as that does. */
export function unfreeze(module: AnyModule, pattern?: ParameterPattern): void {
  setRequiresGrad('unfreeze', module, pattern, true);
}

function setRequiresGrad(
  what: string,
  module: AnyModule,
  pattern: ParameterPattern | undefined,
  required: boolean,
): void {
  checkArgument(`the module of ${what}`, module, MODULE);
  if (pattern !== undefined) checkArgument(`the pattern of ${what}`, pattern, PATTERN);
  const named = module.namedParameters();
  const matching = named.filter(([name]) => matches(name, pattern));
  check(pattern === undefined || matching.length > 0, 'invalid-argument', () => {
    const [first] = named;
    return (
      `${what}: none of the ${counted(named.length, 'parameter')} of ${module.constructor.name} has a name that matches ${pattern}` +
      `${first ? `; the first is called ${first[0]}` : ''}`
    );
  });
  for (const [, parameter] of matching) parameter.requiresGrad = required;
}

function matches(name: string, pattern: ParameterPattern | undefined): boolean {
  if (pattern === undefined) return true;
  if (typeof pattern === 'string') return name === pattern || name.startsWith(`${pattern}.`);
  pattern.lastIndex = 0; // a global expression would continue where it last matched
  return pattern.test(name);
}
