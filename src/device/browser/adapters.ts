/**
 * @file Adapters in a browser, from `navigator.gpu`; works in pages and in their workers.
 */

import { FoveaError } from '../../errors.ts';
import { type AdapterKind, type AdapterSource, adapterName, isSoftwareAdapter } from '../adapter-source.ts';

/** The adapters of the browser that runs this. */
export const browserAdapters: AdapterSource = {
  async requestAdapter(kind) {
    const gpu = browserGpu();
    const adapter = await request(gpu, kind);
    if (adapter === null)
      throw new FoveaError('no-adapter', `the browser offers no ${wanted(kind)}: ${ADVICE[kind]}`);
    if (kind !== 'auto' && isSoftwareAdapter(adapter.info) !== (kind === 'software')) {
      const found = adapterName(adapter.info);
      throw new FoveaError(
        'no-adapter',
        `the browser offers '${found}', no ${wanted(kind)}: ${ADVICE[kind]}`,
      );
    }
    return adapter;
  },
  languageFeatures: async () => browserGpu().wgslLanguageFeatures,
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

/** An adapter of `kind` if the browser has it; it may answer with one of the other kind. */
async function request(gpu: GPU, kind: AdapterKind): Promise<GPUAdapter | null> {
  const fallback = () => gpu.requestAdapter({ forceFallbackAdapter: true });
  const best = () => gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (kind === 'hardware') return best();
  // A browser without a GPU may give its software adapter only to those who do not ask for it.
  if (kind === 'software') return (await fallback()) ?? best();
  return (await best()) ?? fallback();
}

/** `navigator.gpu`, or an error that says why it is missing. */
function browserGpu(): GPU {
  const gpu = globalThis.navigator?.gpu;
  if (gpu) return gpu;
  const message = globalThis.isSecureContext
    ? 'this browser has no WebGPU: use Chrome or Edge 113, Safari 26, Firefox 141 (Windows) or 145 (macOS), or later'
    : 'WebGPU needs a secure context: serve the page over https, or from localhost';
  throw new FoveaError('no-adapter', message);
}
