/**
 * @file A module by its name, as state dicts or PyTorch have it.
 */

import { check } from '../errors.ts';
import type { AnyModule } from '../nn/module.ts';

/** Names that a message gives. */
const NAMES_SHOWN = 8;

/**
 * The module inside `model` that is called `name`: `bb_3_2` by a state dict's names, `layer4.2` by PyTorch's. Throws
 * 'invalid-argument', listing the names that are the most alike, where there is none.
 */
export function namedModule(model: AnyModule, name: string): AnyModule {
  const inner = (named: [string, AnyModule][]) => named.filter(([known]) => known !== '');
  const ours = inner(model.modulesBy('state'));
  const all = [...ours, ...inner(model.modulesBy('torch'))];
  const found = all.find(([known]) => known === name);
  check(found !== undefined, 'invalid-argument', () => {
    const names = [...new Set(all.map(([known]) => known))];
    return (
      `${model.constructor.name} has no layer called '${name}'` +
      (ours.length > 0 ? `: its names are like ${listed(nearest(name, names))}` : ': no module is inside it')
    );
  });
  return found[1];
}

/** Those of `names` that share the longest beginning with `name`, the shortest names first. */
function nearest(name: string, names: readonly string[]): string[] {
  const shared = (known: string) => {
    let length = 0;
    while (length < name.length && known[length] === name[length]) length++;
    return length;
  };
  const longest = Math.max(...names.map(shared));
  return names
    .filter((known) => shared(known) === longest)
    .sort((a, b) => depth(a) - depth(b) || a.length - b.length);
}

const depth = (name: string): number => name.split('.').length;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).join(', ');
  return names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown;
}
