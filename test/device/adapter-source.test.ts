import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { adapterName, isSoftwareAdapter } from '../../src/device/adapter-source.ts';
import { browserAdapters } from '../../src/device/browser/adapters.ts';
import { inspectGpu, nodeAdapters, openGpu } from '../../src/device/node/adapters.ts';

const LLVMPIPE = {
  vendor: 'mesa',
  architecture: 'software',
  device: 'llvmpipe',
  description: 'llvmpipe: Mesa 25',
};
const RADEON = { vendor: 'amd', architecture: 'rdna-3', device: '', description: '' };

describe('isSoftwareAdapter', () => {
  test('believes the adapter that says it is a fallback', () => {
    expect(isSoftwareAdapter({ ...RADEON, isFallbackAdapter: true })).toBe(true);
  });

  test('knows software drivers by name where the browser does not say', () => {
    expect(isSoftwareAdapter(LLVMPIPE)).toBe(true);
    expect(isSoftwareAdapter({ ...LLVMPIPE, isFallbackAdapter: false })).toBe(true);
    expect(
      isSoftwareAdapter({ vendor: 'google', architecture: 'swiftshader', device: '', description: '' }),
    ).toBe(true);
    expect(isSoftwareAdapter({ ...RADEON, description: 'Microsoft Basic Render Driver' })).toBe(true);
  });

  test('leaves GPUs alone', () => {
    expect(isSoftwareAdapter({ ...RADEON, isFallbackAdapter: false })).toBe(false);
    expect(isSoftwareAdapter({ vendor: '', architecture: '', device: '', description: '' })).toBe(false);
  });
});

test('adapterName takes the most telling field there is', () => {
  expect(adapterName(LLVMPIPE)).toBe('llvmpipe: Mesa 25');
  expect(adapterName({ ...LLVMPIPE, description: '' })).toBe('llvmpipe');
  expect(adapterName(RADEON)).toBe('amd rdna-3');
  expect(adapterName({ ...RADEON, vendor: '', architecture: '' })).toBe('unknown');
});

describe('browserAdapters', () => {
  afterEach(() => vi.unstubAllGlobals());

  /** A browser that answers requests for its fallback and other requests with these adapters. */
  function stubBrowser(best: object | null, fallback: object | null) {
    const requestAdapter = async (options: GPURequestAdapterOptions) => {
      const info = options.forceFallbackAdapter ? fallback : best;
      return info && { info };
    };
    vi.stubGlobal('navigator', { gpu: { requestAdapter } });
  }

  test('auto takes the GPU, else the fallback', async () => {
    stubBrowser(RADEON, LLVMPIPE);
    expect((await browserAdapters.requestAdapter('auto')).info).toBe(RADEON);
    stubBrowser(null, LLVMPIPE);
    expect((await browserAdapters.requestAdapter('auto')).info).toBe(LLVMPIPE);
  });

  test('hardware and software take their own kind', async () => {
    stubBrowser(RADEON, LLVMPIPE);
    expect((await browserAdapters.requestAdapter('hardware')).info).toBe(RADEON);
    expect((await browserAdapters.requestAdapter('software')).info).toBe(LLVMPIPE);
  });

  test('software is found where the browser gives it only to those who do not ask', async () => {
    stubBrowser(LLVMPIPE, null);
    expect((await browserAdapters.requestAdapter('software')).info).toBe(LLVMPIPE);
  });

  test('says what it found when the kind is wrong', async () => {
    stubBrowser(LLVMPIPE, null);
    await expect(browserAdapters.requestAdapter('hardware')).rejects.toThrow(
      /'llvmpipe: Mesa 25', no hardware/,
    );
    stubBrowser(RADEON, null);
    await expect(browserAdapters.requestAdapter('software')).rejects.toThrow(/'amd rdna-3', no software/);
    stubBrowser(null, null);
    await expect(browserAdapters.requestAdapter('auto')).rejects.toMatchObject({ code: 'no-adapter' });
  });

  test('says why there is no navigator.gpu', async () => {
    vi.stubGlobal('navigator', {});
    await expect(browserAdapters.requestAdapter('auto')).rejects.toThrow(/^Node has no WebGPU of its own/);
    await expect(browserAdapters.languageFeatures()).rejects.toMatchObject({ code: 'no-adapter' });
  });
});

/** Squares 0…63 on a new device of `adapter`. */
async function squares(adapter: GPUAdapter): Promise<number[]> {
  const device = await adapter.requestDevice();
  const code = `@group(0) @binding(0) var<storage, read_write> squares: array<u32>;
    @compute @workgroup_size(64) fn main(@builtin(local_invocation_index) i: u32) { squares[i] = i * i; }`;
  const module = device.createShaderModule({ code });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  const buffer = device.createBuffer({ size: 256, usage: 0x80 | 0x4 }); // STORAGE | COPY_SRC
  const copy = device.createBuffer({ size: 256, usage: 0x8 | 0x1 }); // COPY_DST | MAP_READ
  const layout = pipeline.getBindGroupLayout(0);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] }));
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(buffer, 0, copy, 0, 256);
  device.queue.submit([encoder.finish()]);
  await copy.mapAsync(0x1); // READ
  const result = [...new Uint32Array(copy.getMappedRange())];
  device.destroy();
  return result;
}

const SQUARES = Array.from({ length: 64 }, (_, i) => i * i);

describe('nodeAdapters', () => {
  test('two adapters compute at the same time', async () => {
    const adapters = [await nodeAdapters.requestAdapter('auto'), await nodeAdapters.requestAdapter('auto')];
    expect(await Promise.all(adapters.map(squares))).toEqual([SQUARES, SQUARES]);
  });

  test('software gives a software adapter, and hardware none', async () => {
    const software = await nodeAdapters.requestAdapter('software');
    expect(isSoftwareAdapter(software.info)).toBe(true);
    const hardware = await nodeAdapters.requestAdapter('hardware').catch((error) => error);
    if ('info' in hardware) expect(isSoftwareAdapter(hardware.info)).toBe(false);
    else expect(hardware).toMatchObject({ code: 'no-adapter' });
  });

  test('leaves globalThis and the environment as they were', async () => {
    const before = [Object.getOwnPropertyNames(globalThis), { ...process.env }];
    await openGpu();
    await nodeAdapters.requestAdapter('software');
    expect([Object.getOwnPropertyNames(globalThis), { ...process.env }]).toEqual(before);
  });

  test('inspectGpu tells packages and what each kind gave', async () => {
    const found = await inspectGpu();
    expect(found.packages.webgpu).toMatch(/^\d+\.\d+\.\d+/);
    expect(found.attempts.map(({ kind }) => kind)).toEqual(['hardware', 'software']);
    for (const { adapter, error } of found.attempts)
      expect((adapter === null) !== (error === null)).toBe(true);
  });
});

describe.runIf(process.platform === 'linux' && process.arch === 'x64')('the embedded driver', () => {
  const folders: string[] = [];
  afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true }))));

  test('serves a system without drivers, unpacked once by processes that race for it', async () => {
    const cache = await mkdtemp(join(tmpdir(), 'fovea-cache-'));
    folders.push(cache);
    const program = `
      import { nodeAdapters } from ${JSON.stringify(new URL('../../src/device/node/adapters.ts', import.meta.url).href)};
      const adapter = await nodeAdapters.requestAdapter('auto');
      const device = await adapter.requestDevice();
      console.log(adapter.info.architecture);
      device.destroy();`;
    const env = { ...process.env, VK_DRIVER_FILES: '/nonexistent', XDG_CACHE_HOME: cache };
    const run = () =>
      promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
        env,
      });
    const outputs = await Promise.all([run(), run()]);
    expect(outputs.map(({ stdout }) => stdout.trim())).toEqual(['swiftshader', 'swiftshader']);
    expect(await readdir(join(cache, 'fovea'))).toEqual([
      expect.stringMatching(/^swiftshader-\d+\.\d+\.\d+$/),
    ]);
  });
});
