/**
 * @file What `verify` finds.
 */

import type { Pass } from '../kernels/conv2d/passes.ts';
import { textTable } from '../text-table.ts';

/** How far results were from the right ones, over all cases. */
export interface Finding {
  /**
   * The largest relative error of a result: the norm of the difference over the norm of what is right. Infinite (null in JSON) where a
   * result is no number, differs from run to run, or is missing since a kernel was refused.
   */
  readonly error: number;
  /** How large it may be: see `verify`. */
  readonly bound: number;
  /** Whether no error is above its bound. */
  readonly passed: boolean;
  /** Where the error is the largest: the case, and its result. */
  readonly about: string;
}

/** What was found of an op, forward and backward. */
export interface OpFinding extends Finding {
  /** The op's name. */
  readonly op: string;
}

/** What was found of a pass of an algorithm for convolutions. */
export interface AlgorithmFinding extends Finding {
  /** The algorithm's name. */
  readonly algorithm: string;
  /** Which pass of the convolution. */
  readonly pass: Pass;
}

/** Whether an adapter, with its driver and in its runtime, computes what fovea means. */
export interface Certificate {
  /** Whether fovea can be trusted on it: all ops are right, and training with them, without the algorithms that are `struck`. */
  readonly passed: boolean;
  /** The algorithms for convolutions that are wrong here, and not used. */
  readonly struck: readonly string[];
  /** The adapter's name for people, which with most drivers tells the driver's version too. */
  readonly adapter: string;
  /** As WebGPU tells it. */
  readonly vendor: string;
  /** As WebGPU tells it. */
  readonly architecture: string;
  /** Such as `Node.js 22.11.0`, or what a browser calls itself. */
  readonly runtime: string;
  /** The version of fovea. */
  readonly fovea: string;
  /** How long it took. */
  readonly seconds: number;
  /** Of each pass of each algorithm that may be chosen on the adapter. */
  readonly algorithms: readonly AlgorithmFinding[];
  /** Of each op. */
  readonly ops: readonly OpFinding[];
  /** Of three training steps of a small residual network. */
  readonly training: Finding;
}

const HEADINGS = ['', 'relative error', 'at most', '', 'the worst result'];

/** All findings that are wrong, with what they are of. */
export function failuresOf({ algorithms, ops, training }: Certificate): [what: string, finding: Finding][] {
  const named = [
    ...algorithms.map((found) => [`${found.algorithm} convolution, ${found.pass}`, found] as const),
    ...ops.map((found) => [found.op, found] as const),
    ['training', training] as const,
  ];
  return named.filter(([, { passed }]) => !passed).map(([what, finding]) => [what, finding]);
}

/** A certificate to be read: whose it is, all findings as a table, and the verdict. */
export function certificateText(certificate: Certificate): string {
  const { adapter, runtime, fovea, seconds, struck, passed } = certificate;
  const wrong = struck.length > 0 ? [`Wrong and not used on this adapter: ${struck.join(', ')}.`] : [];
  const failed = failuresOf(certificate).length;
  const verdict = passed ? 'Passed' : `FAILED: ${failed} findings are wrong`;
  const report = failed > 0 ? ['Please report this.'] : [];
  return [
    `${adapter}, in ${runtime}, fovea ${fovea}`,
    '',
    tableOf(certificate),
    '',
    ...wrong,
    `${verdict}, in ${seconds.toFixed(1)} seconds.`,
    ...report,
  ].join('\n');
}

function tableOf({ algorithms, ops, training }: Certificate): string {
  const row = (name: string, { error, bound, passed, about }: Finding) => [
    ...[name, error.toExponential(1), bound.toExponential(1), passed ? 'ok' : 'WRONG', about],
  ];
  const rows = [
    ...algorithms.map((finding) => row(`${finding.algorithm}, ${finding.pass}`, finding)),
    ...ops.map((finding) => row(finding.op, finding)),
    row('training', training),
  ];
  return textTable(HEADINGS, rows, { numbers: [1, 2] });
}
