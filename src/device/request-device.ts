/**
 * @file Asks an adapter for a device with all limits and features that it offers, and for fewer where the runtime refuses that.
 *
 * WebGPU refuses a device when it dislikes one thing of many, and hardly says which. Each wish is then made along with those
 * that were granted before it, so that what is lost is only what cannot be had.
 */

import { FoveaError, messageOf } from '../errors.ts';
import { type AdapterKind, type AdapterSource, adapterName, describeAdapter } from './adapter-source.ts';
import { RAISED_LIMITS, USED_FEATURES } from './info.ts';

/** A limit as high as the adapter has it, or a feature. */
type Wish = (typeof RAISED_LIMITS)[number] | (typeof USED_FEATURES)[number];

/** A device, and the adapter that gave it. */
export interface GrantedDevice {
  readonly adapter: GPUAdapter;
  readonly gpu: GPUDevice;
}

/**
 * A device on an adapter of `kind`, with limits as high and as many features as it gives. Throws 'no-adapter' where there is
 * no adapter, or where it refuses even a device with WebGPU's default limits.
 */
export async function requestDevice(source: AdapterSource, kind: AdapterKind): Promise<GrantedDevice> {
  const adapter = await requestAdapter(source, kind);
  const wishes: Wish[] = [
    ...RAISED_LIMITS.filter((limit) => adapter.limits[limit] !== undefined),
    ...USED_FEATURES.filter((feature) => adapter.features.has(feature)),
  ];
  try {
    return { adapter, gpu: await ask(adapter, wishes) };
  } catch (refusal) {
    return requestLess(source, kind, wishes, refusal);
  }
}

/** A device with as many of `wishes` as are granted together, the first ones first; `refusal` is what the runtime said to all. */
async function requestLess(
  source: AdapterSource,
  kind: AdapterKind,
  wishes: readonly Wish[],
  refusal: unknown,
): Promise<GrantedDevice> {
  let granted = await requestPlain(source, kind, refusal);
  const accepted: Wish[] = [];
  for (const wish of wishes) {
    const adapter = await requestAdapter(source, kind); // an adapter serves one device
    const gpu = await ask(adapter, [...accepted, wish]).catch(() => undefined);
    if (!gpu) continue;
    granted.gpu.destroy();
    granted = { adapter, gpu };
    accepted.push(wish);
  }
  return granted;
}

/** A device with default limits and no features. */
async function requestPlain(
  source: AdapterSource,
  kind: AdapterKind,
  refusal: unknown,
): Promise<GrantedDevice> {
  const adapter = await requestAdapter(source, kind);
  try {
    return { adapter, gpu: await ask(adapter, []) };
  } catch (cause) {
    const name = adapterName(await describeAdapter(adapter));
    const reasons = new Set([messageOf(cause), messageOf(refusal)]);
    throw new FoveaError('no-adapter', `the adapter '${name}' gives no device: ${[...reasons].join('; ')}`, {
      cause,
    });
  }
}

/** An adapter of `source`; what WebGPU throws is told as 'no-adapter'. */
async function requestAdapter(source: AdapterSource, kind: AdapterKind): Promise<GPUAdapter> {
  try {
    return await source.requestAdapter(kind);
  } catch (cause) {
    if (cause instanceof FoveaError) throw cause;
    throw new FoveaError('no-adapter', `WebGPU gives no adapter: ${messageOf(cause)}`, { cause });
  }
}

async function ask(adapter: GPUAdapter, wishes: readonly Wish[]): Promise<GPUDevice> {
  const requiredFeatures = USED_FEATURES.filter((feature) => wishes.includes(feature));
  const raised = RAISED_LIMITS.filter((limit) => wishes.includes(limit));
  const requiredLimits = Object.fromEntries(raised.map((limit) => [limit, adapter.limits[limit]]));
  return adapter.requestDevice({ requiredFeatures, requiredLimits });
}
