/**
 * @file A device that can be lost behind fovea's back, and an adapter that can be missing, or another one, for a while.
 */

import type { AdapterSource } from '../../src/device/adapter-source.ts';
import { BufferUsage } from '../../src/device/constants.ts';
import type { Device } from '../../src/device/device.ts';
import { nodeAdapters } from '../../src/device/node/adapters.ts';
import { openDevice } from '../../src/tensor/open-device.ts';

/** A device, and what can happen to it. */
export class LosableDevice {
  /** What asking for an adapter does, called with how often it was asked since this was set; it may throw. */
  #onRequest: (request: number) => void = () => {};
  #requests = 0;
  #name: string | undefined;
  /** Bytes from which on there is no room for buffers to read from. */
  #refusedBytes = Number.POSITIVE_INFINITY;
  readonly #opened: GPUDevice[] = [];
  #device: Device | undefined;

  /** Opens one. */
  static async open(): Promise<LosableDevice> {
    const losable = new LosableDevice();
    losable.#device = await openDevice(losable.#source);
    return losable;
  }

  get device(): Device {
    return this.#device!;
  }

  /** How many devices of WebGPU's were opened. */
  get opened(): number {
    return this.#opened.length;
  }

  /** Ends the device of WebGPU's under {@link device}. */
  readonly lose = (): void => this.#opened.at(-1)!.destroy();

  /** Calls `act` whenever an adapter is asked for from now on. */
  onRequest(act: (request: number) => void): void {
    [this.#onRequest, this.#requests] = [act, 0];
  }

  /** Has adapters bear another name, or their own. */
  pretend(name: string | undefined): void {
    this.#name = name;
  }

  /** Whether there is no room for buffers to read from, of `bytes` or more. */
  refuseMemory(refuses: boolean, bytes = 0): void {
    this.#refusedBytes = refuses ? bytes : Number.POSITIVE_INFINITY;
  }

  readonly #source: AdapterSource = {
    ...nodeAdapters,
    requestAdapter: async (kind) => {
      this.#onRequest(++this.#requests);
      const adapter = await nodeAdapters.requestAdapter(kind);
      const requestDevice = adapter.requestDevice.bind(adapter);
      const info = { ...describeInfo(adapter.info), ...(this.#name ? { description: this.#name } : {}) };
      Object.defineProperty(adapter, 'info', { value: info });
      adapter.requestDevice = async (descriptor) => this.#watch(await requestDevice(descriptor));
      return adapter;
    },
  };

  #watch(gpu: GPUDevice): GPUDevice {
    this.#opened.push(gpu);
    const createBuffer = gpu.createBuffer.bind(gpu);
    gpu.createBuffer = (descriptor) => {
      const refused = descriptor.size >= this.#refusedBytes && descriptor.usage & BufferUsage.MAP_READ;
      return createBuffer(refused ? { ...descriptor, size: 2 ** 48 } : descriptor);
    };
    return gpu;
  }
}

/** The properties of an adapter's description, which lie in its prototype. */
function describeInfo(info: GPUAdapterInfo): GPUAdapterInfo {
  const { vendor, architecture, device, description, subgroupMinSize, subgroupMaxSize, isFallbackAdapter } =
    info;
  return {
    vendor,
    architecture,
    device,
    description,
    subgroupMinSize,
    subgroupMaxSize,
    isFallbackAdapter,
  } as GPUAdapterInfo;
}
