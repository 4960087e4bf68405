/**
 * @file Why there is no `navigator.gpu`: what the runtime at hand needs so that there is.
 *
 * Versions: https://github.com/gpuweb/gpuweb/wiki/Implementation-Status, https://deno.com/blog/v1.39, https://deno.com/blog/v2.0
 */

/** The globals by which a runtime is known. */
export interface RuntimeGlobals {
  readonly navigator?: { readonly userAgent?: string };
  readonly isSecureContext?: boolean;
  readonly Deno?: { readonly version?: { readonly deno?: string } };
  readonly Bun?: unknown;
  readonly process?: { readonly versions?: Readonly<Record<string, string | undefined>> };
  /** In workers only. */
  readonly WorkerGlobalScope?: unknown;
  /** In service workers only. */
  readonly ServiceWorkerGlobalScope?: unknown;
}

/** What the runtime of these globals needs for WebGPU. */
export function whyNoWebGpu(runtime: RuntimeGlobals): string {
  const { Deno, Bun, process, isSecureContext, navigator } = runtime;
  if (Deno) return deno(Deno.version?.deno ?? '');
  if (Bun) return needsDawn('Bun', 'bun add webgpu');
  if (process?.versions?.node && !process.versions.electron) return needsDawn('Node', 'npm install webgpu');
  if (isSecureContext === false)
    return 'WebGPU needs a secure context: serve the page over https, or from localhost';
  return `${worker(runtime)}${browser(navigator?.userAgent ?? '')}`;
}

function deno(version: string): string {
  if (Number.parseInt(version, 10) < 2)
    return `Deno ${version} keeps WebGPU behind a flag: start it with --unstable-webgpu (1.39 or later), or use Deno 2`;
  return `this Deno ${version} was built without WebGPU: use one from deno.com or the npm package deno`;
}

const needsDawn = (runtime: string, install: string) =>
  `${runtime} has no WebGPU of its own: import 'fovea' and not 'fovea/browser', which brings Dawn (${install}); ` +
  `where a bundler chose the browser's build, have it build for ${runtime}`;

function worker({ WorkerGlobalScope, ServiceWorkerGlobalScope }: RuntimeGlobals): string {
  if (ServiceWorkerGlobalScope)
    return 'many browsers have no WebGPU in service workers: open the device in a page; or ';
  if (WorkerGlobalScope)
    return 'some browsers have WebGPU in pages only, and this is a worker: open the device in the page; or ';
  return '';
}

/** What each browser needs; the first whose pattern is in the user agent answers, given the version that it finds. */
const BROWSERS: readonly (readonly [
  pattern: RegExp,
  needs: (version: number, userAgent: string) => string,
])[] = [
  // All browsers there have Safari's engine.
  [/(?:iPhone|iPad).* OS (\d+)_/, () => 'WebGPU needs iOS or iPadOS 26 or later, in any browser'],
  [/Firefox\/(\d+)/, firefox],
  [/Chrom(?:e|ium)\/(\d+)/, chrome],
  [/Version\/(\d+).* Safari\//, safari],
];

function browser(userAgent: string): string {
  for (const [pattern, needs] of BROWSERS) {
    const found = pattern.exec(userAgent);
    if (found) return needs(Number(found[1]), userAgent);
  }
  return 'this browser has no WebGPU: use Chrome or Edge 113, Safari 26, Firefox 141 (Windows) or 145 (macOS), or later';
}

function firefox(version: number, userAgent: string): string {
  if (/Windows/.test(userAgent)) return needs('Firefox', version, 141);
  if (/Macintosh/.test(userAgent)) return needs('Firefox', version, 145);
  const system = /Android/.test(userAgent) ? 'Android' : 'Linux';
  return `Firefox ${version} on ${system} keeps WebGPU behind a flag: set dom.webgpu.enabled in about:config, or use Firefox Nightly`;
}

function chrome(version: number, userAgent: string): string {
  if (/Android/.test(userAgent)) return needs('Chrome', version, 121);
  if (version >= 113 && /Linux/.test(userAgent))
    return `Chromium ${version} on Linux has WebGPU for some GPUs only: start it with --enable-unsafe-webgpu --enable-features=Vulkan`;
  return needs('Chrome or Edge', version, 113);
}

function safari(version: number): string {
  return needs('Safari', version, 26);
}

function needs(browser: string, version: number, first: number): string {
  return version < first
    ? `WebGPU needs ${browser} ${first} or later, this is ${version}`
    : `WebGPU is switched off in this browser (${browser} ${version}): turn it on in the settings, with hardware acceleration`;
}
