/**
 * @file Faults that `verify` must find, such as broken drivers have made: some of `test/mutants/`, and kinds that no other test needs.
 */

import { type Fault, fault } from '../mutants/wgsl/fault.ts';
import { WGSL_MUTANTS } from '../mutants/wgsl-mutants.ts';

/** A fault in a kernel. */
interface VerifyFault {
  /** `kernel: fault`. */
  readonly name: string;
  readonly kernel: string;
  readonly fault: Fault;
}

const own = (kernel: string, name: string, from: string | RegExp, to: string): VerifyFault => ({
  ...{ name: `${kernel}: ${name}`, kernel, fault: fault(name, from, to) },
});

/** WGSL: four numbers rounded to f16, without that type. */
const half = (value: string) =>
  `vec4f(unpack2x16float(pack2x16float((${value}).xy)), unpack2x16float(pack2x16float((${value}).zw)))`;

/** Drivers that compute in less than f32, give zeros, or read and write beside what they should. */
const OWN: readonly VerifyFault[] = [
  own('conv2d.forward.plain', 'sums are f16', /(y\[[^\]]*\]) = (sum\d);/g, `$1 = ${half('$2')};`),
];

/** By the names of `test/mutants/`. */
const KNOWN: readonly string[] = [];

/** All. */
export const VERIFY_FAULTS: readonly VerifyFault[] = [
  ...OWN,
  ...KNOWN.map((name) => {
    const mutant = WGSL_MUTANTS.find((other) => other.name === name);
    if (!mutant) throw new Error(`test/mutants/ has no fault called '${name}'`);
    return mutant;
  }),
];
