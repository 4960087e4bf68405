/**
 * @file `npm run mutants:verify [part of a name …]`: whether `verify` finds the faults that it must, those of `test/verify/faults.ts`; with
 * `--all` also those of `test/mutants/`, of which some are of numbers that it does not try. Prints what became of each; exits with 1
 * where one is missed that it must find.
 */

import { WGSL_MUTANTS } from '../test/mutants/wgsl-mutants.ts';
import { VERIFY_FAULTS } from '../test/verify/faults.ts';
import { judge, type Verdict } from '../test/verify/judge.ts';

const parts = process.argv.slice(2).filter((part) => part !== '--all');
const others = process.argv.includes('--all') ? WGSL_MUTANTS : [];
const must = new Set(VERIFY_FAULTS.map(({ name }) => name));
const all = new Map([...VERIFY_FAULTS, ...others].map((mutant) => [mutant.name, mutant]));
const chosen = [...all.values()].filter(
  ({ name, fault }) =>
    fault.equivalent === undefined && (parts.length === 0 || parts.some((part) => name.includes(part))),
);

const counts = new Map<Verdict, number>();
let missed = 0;
for (const mutant of chosen) {
  const { verdict, about } = await judge(mutant);
  counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  if (must.has(mutant.name) && verdict !== 'found') missed++;
  console.log(`${verdict.padEnd(11)}  ${mutant.name}${about ? `: ${about}` : ''}`);
}
console.log(
  `${chosen.length} faults: ${[...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')}`,
);
console.log(
  `${missed} missed of the ${chosen.filter(({ name }) => must.has(name)).length} that must be found`,
);
process.exitCode = missed === 0 ? 0 : 1;
process.exit();
