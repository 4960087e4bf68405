/**
 * @file Where a WebGPU adapter comes from: the only place where Node and browsers differ.
 *
 * `node/adapters.ts` and `browser/adapters.ts` each implement {@link AdapterSource}; all else of the device layer is the
 * same on both sides.
 */

import type { WebGpu } from './webgpu-types.ts';

/**
 * Which adapter is wanted: `hardware` is a GPU; `software` is a driver that computes on the CPU, slow but
 * everywhere; `auto` is a GPU if there is one, else a software driver.
 */
export type AdapterKind = 'auto' | 'hardware' | 'software';

/** Gives WebGPU adapters. */
export interface AdapterSource {
  /**
   * A new adapter of `kind`. Every call gives another one, since an adapter serves one `requestDevice`.
   *
   * Throws 'no-adapter' when there is none of that kind; the message says what was found and what
   * to do about it.
   */
  requestAdapter(kind: AdapterKind): Promise<WebGpu<'GPUAdapter'>>;

  /** The WGSL language features there are (`navigator.gpu.wgslLanguageFeatures`); to be asked after the adapter. */
  languageFeatures(): Promise<ReadonlySet<string>>;

  /**
   * Waits for a promise of WebGPU's and leaves the processor to a software adapter meanwhile; missing where waiting
   * costs nothing.
   */
  readonly rest?: <T>(promise: Promise<T>) => Promise<T>;
}

/** The fields of `GPUAdapterInfo` that are used here; empty where WebGPU tells nothing. */
export interface AdapterDescription {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** Missing in older browsers. */
  readonly isFallbackAdapter?: boolean | undefined;
  /** Missing where there are no subgroups. */
  readonly subgroupMinSize?: number | undefined;
  readonly subgroupMaxSize?: number | undefined;
}

/** An adapter as browsers had it before `info` came in place of a method, and `isFallbackAdapter` moved there. */
interface OlderAdapter {
  readonly info?: Partial<AdapterDescription>;
  readonly isFallbackAdapter?: boolean;
  requestAdapterInfo?(): Promise<Partial<AdapterDescription>>;
}

/** What an adapter is, as far as its browser tells; never rejects. */
export async function describeAdapter(adapter: WebGpu<'GPUAdapter'>): Promise<AdapterDescription> {
  const older: OlderAdapter = adapter;
  const info = older.info ?? (await older.requestAdapterInfo?.().catch(() => undefined));
  return {
    vendor: info?.vendor ?? '',
    architecture: info?.architecture ?? '',
    device: info?.device ?? '',
    description: info?.description ?? '',
    isFallbackAdapter: info?.isFallbackAdapter ?? older.isFallbackAdapter,
    subgroupMinSize: info?.subgroupMinSize,
    subgroupMaxSize: info?.subgroupMaxSize,
  };
}

/** Names of software drivers: Mesa's, Google's, and Microsoft's WARP. */
const SOFTWARE_DRIVER = /llvmpipe|lavapipe|softpipe|swiftshader|basic render/i;

/**
 * Whether an adapter computes on the CPU. Dawn says so in `isFallbackAdapter` for every Vulkan device of type
 * CPU and for WARP; browsers do so for their own fallback only, and older ones not at all, hence the names.
 */
export function isSoftwareAdapter(info: AdapterDescription): boolean {
  const names = [info.vendor, info.architecture, info.device, info.description].join(' ');
  return info.isFallbackAdapter === true || SOFTWARE_DRIVER.test(names);
}

/** An adapter's name, for humans, from the fields that are set: browsers leave most of them empty. */
export function adapterName(info: AdapterDescription): string {
  return (
    info.description || info.device || [info.vendor, info.architecture].filter(Boolean).join(' ') || 'unknown'
  );
}
