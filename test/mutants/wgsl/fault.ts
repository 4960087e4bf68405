/**
 * @file What a WGSL mutant is: a fault put into the source of one kernel, which some test must notice.
 */

/** A selection of tests. */
export interface Selection {
  /** A test file, from `test/`. */
  readonly file: string;
  /** Part of the names of its tests, all of them if it is left out. */
  readonly only?: string;
}

/** One fault. */
export interface Fault {
  /** What is wrong with it. */
  readonly name: string;
  /** What is replaced, wherever it stands in the kernel's WGSL; some variant of the kernel must hold it. */
  readonly from: string | RegExp;
  readonly to: string;
  /** Why no test can notice it; such a fault is not run. */
  readonly equivalent?: string;
}

/** The faults of one kernel. */
export interface MutatedKernel {
  /** The kernel's name as in its definition. */
  readonly kernel: string;
  /** Where they should be noticed; tried in this order. */
  readonly tests: readonly Selection[];
  readonly faults: readonly Fault[];
}

/** A fault of {@link MutatedKernel.faults}. */
export function fault(name: string, from: string | RegExp, to: string, equivalent?: string): Fault {
  return { name, from, to, ...(equivalent !== undefined && { equivalent }) };
}

/** `wgsl` with the fault in it, wherever it applies. */
export function mutate(wgsl: string, { from, to }: Fault): string {
  return typeof from === 'string' ? wgsl.replaceAll(from, () => to) : wgsl.replace(from, to);
}
