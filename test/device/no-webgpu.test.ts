/**
 * @file Where WebGPU is missing, the error says what the runtime at hand needs.
 */

import { afterEach, describe, expect, test, vi } from 'vitest';
import { browserAdapters } from '../../src/device/browser/adapters.ts';
import { type RuntimeGlobals, whyNoWebGpu } from '../../src/device/browser/no-webgpu.ts';

const page = (userAgent: string): RuntimeGlobals => ({ navigator: { userAgent }, isSecureContext: true });
const WEBKIT = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
const BLINK = 'AppleWebKit/537.36 (KHTML, like Gecko)';

describe('without navigator.gpu', () => {
  test.each<[string, RuntimeGlobals, RegExp]>([
    [
      'Node',
      { process: { versions: { node: '22.1.0' } } },
      /^Node has no WebGPU .*import 'fovea'.*npm install webgpu/,
    ],
    [
      'Bun',
      { Bun: {}, process: { versions: { node: '24.3.0', bun: '1.3.0' } } },
      /^Bun has no WebGPU .*import 'fovea' and not 'fovea\/browser'.*bun add webgpu/,
    ],
    [
      'Deno 1',
      { Deno: { version: { deno: '1.46.3' } }, process: { versions: { node: '20' } } },
      /^Deno 1\.46\.3 .*--unstable-webgpu .*or use Deno 2/,
    ],
    ['Deno 2', { Deno: { version: { deno: '2.5.0' } } }, /^this Deno 2\.5\.0 was built without WebGPU/],
    [
      'a page over http',
      { ...page(`Mozilla/5.0 ${BLINK} Chrome/140.0.0.0`), isSecureContext: false },
      /https.*localhost/,
    ],
    [
      'a dedicated worker',
      { ...page('Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/130.0'), WorkerGlobalScope: {} },
      /this is a worker: open the device in the page; or WebGPU needs Firefox 141/,
    ],
    [
      'a service worker',
      { ...page('Firefox/150.0 Windows'), WorkerGlobalScope: {}, ServiceWorkerGlobalScope: {} },
      /in service workers: open the device in a page/,
    ],
    [
      'Safari 18',
      page(`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/18.6 Safari/605.1.15`),
      /^WebGPU needs Safari 26 or later, this is 18$/,
    ],
    [
      'Safari 26',
      page(`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/26.0 Safari/605.1.15`),
      /^WebGPU is switched off in this browser \(Safari 26\)/,
    ],
    [
      'Chrome on an iPhone',
      page(
        `Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) ${WEBKIT} CriOS/140.0 Mobile/15E148 Safari/604.1`,
      ),
      /^WebGPU needs iOS or iPadOS 26 or later, in any browser$/,
    ],
    [
      'Firefox on Linux',
      page('Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0'),
      /^Firefox 150 on Linux .*dom\.webgpu\.enabled in about:config, or use Firefox Nightly$/,
    ],
    [
      'Firefox on Android',
      page('Mozilla/5.0 (Android 15; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0'),
      /^Firefox 150 on Android .*dom\.webgpu\.enabled/,
    ],
    [
      'Firefox on an older Mac',
      page('Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0'),
      /^WebGPU needs Firefox 145 or later, this is 140$/,
    ],
    [
      'Chrome on Linux',
      page(`Mozilla/5.0 (X11; Linux x86_64) ${BLINK} Chrome/140.0.0.0 Safari/537.36`),
      /^Chromium 140 on Linux .*--enable-unsafe-webgpu/,
    ],
    [
      'an old Chrome',
      page(`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${BLINK} Chrome/109.0.0.0 Safari/537.36`),
      /^WebGPU needs Chrome or Edge 113 or later, this is 109$/,
    ],
    [
      'Chrome on Android',
      page(`Mozilla/5.0 (Linux; Android 13) ${BLINK} Chrome/119.0.0.0 Mobile Safari/537.36`),
      /^WebGPU needs Chrome 121 or later, this is 119$/,
    ],
    [
      'a browser nobody knows',
      page('Ladybird/1.0'),
      /^this browser has no WebGPU: use Chrome or Edge 113, Safari 26/,
    ],
    [
      'Electron',
      {
        ...page(`Electron/30 ${BLINK} Chrome/124.0.0.0`),
        process: { versions: { node: '20', electron: '30' } },
      },
      /^WebGPU is switched off in this browser/,
    ],
    ['nothing at all', {}, /^this browser has no WebGPU/],
  ])('%s', (_, globals, message) => {
    expect(whyNoWebGpu(globals)).toMatch(message);
  });
});

describe('requestAdapter', () => {
  afterEach(() => vi.unstubAllGlobals());
  const adapter = { info: { vendor: 'arm', architecture: 'valhall', device: '', description: '' } };

  /** A browser that answers so. */
  const stub = (requestAdapter: (options: GPURequestAdapterOptions) => unknown) =>
    vi.stubGlobal('navigator', {
      gpu: { requestAdapter: async (options: GPURequestAdapterOptions) => requestAdapter(options) },
    });

  test('that has nothing for those who ask for a fast one is asked again', async () => {
    stub(({ powerPreference }) => (powerPreference ? null : adapter));
    expect(await browserAdapters.requestAdapter('hardware')).toBe(adapter);
  });

  test('that throws for an option it does not know is asked without', async () => {
    stub(({ powerPreference, forceFallbackAdapter }) => {
      if (powerPreference ?? forceFallbackAdapter) throw new TypeError('unknown option');
      return adapter;
    });
    expect(await browserAdapters.requestAdapter('auto')).toBe(adapter);
  });

  test('that always throws is quoted', async () => {
    stub(() => {
      throw new DOMException('WebGPU is not yet available in Release builds', 'NotSupportedError');
    });
    await expect(browserAdapters.requestAdapter('auto')).rejects.toMatchObject({
      code: 'no-adapter',
      message: expect.stringMatching(
        /^the browser offers no WebGPU adapter \(WebGPU is not yet .* builds\): see/,
      ),
    });
  });

  test('of an adapter without info, in a browser without WGSL extensions', async () => {
    stub(() => ({}));
    await expect(browserAdapters.requestAdapter('software')).rejects.toThrow(
      /'unknown', no software WebGPU adapter/,
    );
    expect((await browserAdapters.languageFeatures()).size).toBe(0);
  });
});
