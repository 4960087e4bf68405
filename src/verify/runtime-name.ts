/**
 * @file What runs this program.
 */

/** The runtimes that tell their versions in `process.versions`; Deno and Bun tell Node's too, which they stand in for. */
const RUNTIMES = [
  ['deno', 'Deno'],
  ['bun', 'Bun'],
  ['node', 'Node.js'],
] as const;

/** Such as `Node.js 22.11.0`, or what a browser calls itself. */
export function runtimeName(): string {
  const { process, navigator } = globalThis as {
    readonly process?: { readonly versions?: Readonly<Record<string, string | undefined>> };
    readonly navigator?: { readonly userAgent?: string };
  };
  const found = RUNTIMES.find(([key]) => process?.versions?.[key]);
  if (found) return `${found[1]} ${process!.versions![found[0]]}`;
  return navigator?.userAgent ?? 'unknown';
}
