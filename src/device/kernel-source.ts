/**
 * @file Errors in a kernel's WGSL: it does not compile, or it differs from what was compiled under the same key.
 */

import { checkArgument, STRING } from '../arguments.ts';
import { FoveaError } from '../errors.ts';
import type { KernelPlan } from '../kernels/plan.ts';

/** Whether two plans are of one variant of one definition, so that nothing needs to be compared. */
export function sharesCode(a: KernelPlan, b: KernelPlan): boolean {
  return a.wgsl === b.wgsl && a.access === b.access && a.features === b.features;
}

/** A plan's WGSL. Throws 'invalid-argument' unless it is a string. */
export function sourceOf(plan: KernelPlan): string {
  const source = plan.wgsl();
  checkArgument(`what wgsl() of kernel ${plan.name} gives`, source, STRING);
  return source;
}

/** Throws 'invalid-argument' where `plan` has the key of `known`, compiled from `source`, but is another kernel. */
export function checkSameKernel(known: KernelPlan, source: string, plan: KernelPlan): void {
  const difference =
    differentList('storage buffers', known.access, plan.access) ??
    differentList('features', known.features, plan.features) ??
    differentLine(source, sourceOf(plan));
  if (difference === undefined) return;
  throw new FoveaError(
    'invalid-argument',
    `kernel ${plan.name}: two kernels have the key '${plan.key}', but ${difference}: give one of them another name, ` +
      'or put what differs into the variant',
  );
}

function differentList(what: string, a: readonly string[], b: readonly string[]): string | undefined {
  return a.join() === b.join() ? undefined : `their ${what} are [${a.join(', ')}] and [${b.join(', ')}]`;
}

function differentLine(a: string, b: string): string | undefined {
  if (a === b) return undefined;
  const [aLines, bLines] = [a.split('\n'), b.split('\n')];
  const i = aLines.findIndex((line, i) => line !== bLines[i]);
  const line = i < 0 ? aLines.length : i;
  return `line ${line + 1} of their WGSL is '${aLines[line] ?? ''}' and '${bLines[line] ?? ''}'`;
}

/** The error for a kernel that WebGPU refused with `reason`: what the compiler says if it was that, and where. */
export async function compileError(
  { plan, source }: { readonly plan: KernelPlan; readonly source: string },
  module: GPUShaderModule,
  reason: string,
): Promise<FoveaError> {
  const { messages } = await module.getCompilationInfo();
  const first = messages.find(({ type }) => type === 'error');
  const why = first ? describeMessage(first, source) : reason;
  return new FoveaError('validation', `kernel ${plan.name} does not compile (${plan.key}): ${why}`);
}

function describeMessage({ lineNum, linePos, message }: GPUCompilationMessage, source: string): string {
  const line = source.split('\n')[lineNum - 1]?.trim() ?? '';
  return `line ${lineNum}, column ${linePos}: ${message}, in '${line}'`;
}
