/**
 * @file Adapters in a browser, from `navigator.gpu`; works in pages and in their workers, and in Deno.
 */

import { FoveaError, messageOf } from '../../errors.ts';
import {
  type AdapterKind,
  type AdapterSource,
  adapterName,
  describeAdapter,
  isSoftwareAdapter,
} from '../adapter-source.ts';

/** The adapters of the browser that runs this. */
export const browserAdapters: AdapterSource = {
  async requestAdapter(kind) {
    const adapter = await request(await browserGpu(), kind);
    const info = await describeAdapter(adapter);
    if (kind !== 'auto' && isSoftwareAdapter(info) !== (kind === 'software')) {
      const found = adapterName(info);
      throw noAdapter(`the browser offers '${found}', no ${wanted(kind)}: ${ADVICE[kind]}`);
    }
    return adapter;
  },
  // Missing in browsers that are older than WGSL's extensions.
  languageFeatures: async () => (await browserGpu()).wgslLanguageFeatures ?? new Set<string>(),
};

const ADVICE: Record<AdapterKind, string> = {
  auto: "see the browser's page about its GPU (chrome://gpu, about:support) for the reason",
  hardware: "turn on hardware acceleration in the browser's settings, or ask for adapter 'auto'",
  software:
    "start Chromium with --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader, or ask for adapter 'auto'",
};

function wanted(kind: AdapterKind): string {
  return kind === 'auto' ? 'WebGPU adapter' : `${kind} WebGPU adapter`;
}

const FAST: GPURequestAdapterOptions = { powerPreference: 'high-performance' };
/** Some browsers have no adapter for `powerPreference: 'high-performance'`, or reject the request. */
const ANY: GPURequestAdapterOptions = {};
const FALLBACK: GPURequestAdapterOptions = { forceFallbackAdapter: true };

/** What is asked for in turn. A browser without a GPU may give its software adapter only to those who do not ask for it. */
const REQUESTS: Record<AdapterKind, readonly GPURequestAdapterOptions[]> = {
  auto: [FAST, ANY, FALLBACK],
  hardware: [FAST, ANY],
  software: [FALLBACK, FAST, ANY],
};

/** The first adapter that the browser has for requests of `kind`; it may be one of the other kind. */
async function request(gpu: GPU, kind: AdapterKind): Promise<GPUAdapter> {
  let refusal: unknown;
  for (const options of REQUESTS[kind]) {
    try {
      const adapter = await gpu.requestAdapter(options);
      if (adapter) return adapter;
    } catch (error) {
      refusal ??= error;
    }
  }
  const said = refusal === undefined ? '' : ` (${messageOf(refusal)})`;
  throw noAdapter(`the browser offers no ${wanted(kind)}${said}: ${ADVICE[kind]}`, refusal);
}

/** `navigator.gpu`, or an error that says why it is missing. */
async function browserGpu(): Promise<GPU> {
  const gpu = globalThis.navigator?.gpu;
  if (gpu) return gpu;
  const { whyNoWebGpu } = await import('./no-webgpu.ts'); // loaded by those who need it
  throw noAdapter(whyNoWebGpu(globalThis));
}

function noAdapter(message: string, cause?: unknown): FoveaError {
  return new FoveaError('no-adapter', message, { cause });
}
