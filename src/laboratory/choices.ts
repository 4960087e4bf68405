/**
 * @file What fovea chose by what an adapter is, in words.
 */

import type { Device } from '../device/device.ts';
import { algorithmsOf } from '../tensor/tuning.ts';
import type { AdapterChoice } from './figures.ts';

/** All of it. */
export function choicesOf(device: Device): AdapterChoice[] {
  const { software } = device.info;
  return [kernels(device), software ? subgroups(device) : sums(device), parts(device), timing(device)];
}

function kernels(device: Device): AdapterChoice {
  const { software } = device.info;
  return {
    what: 'algorithms for convolutions',
    chosen: algorithmsOf(device)
      .map(({ name }) => name)
      .join(', '),
    why: software ? 'the adapter computes on the CPU' : 'the adapter is a GPU',
  };
}

function subgroups({ info, target }: Device): AdapterChoice {
  const what = 'subgroups in convolutions';
  const [least, most] = info.subgroupSizes;
  if (!info.features.includes('subgroups'))
    return { what, chosen: 'not used', why: 'the adapter has no subgroups' };
  if (least !== most)
    return { what, chosen: 'not used', why: `their size is not known: from ${least} to ${most} lanes` };
  return info.readableTextures
    ? { what, chosen: `${target.subgroupLanes} lanes`, why: 'all subgroups have this size' }
    : { what, chosen: 'not used', why: 'storage textures cannot be read' };
}

function sums({ info, target }: Device): AdapterChoice {
  const { vendor, architecture } = info;
  const adapter = [vendor, architecture].filter(Boolean).join(' ') || 'this vendor';
  return {
    what: 'sums of a thread in tiled convolutions',
    chosen: `${target.sumsPerThread}`,
    why:
      target.sumsPerThread === 64
        ? `nothing is known against as many on ${adapter}`
        : `more do not fit the registers of ${adapter}`,
  };
}

function parts({ info }: Device): AdapterChoice {
  const mebibytes = Math.floor(info.limits.maxStorageBufferBindingSize / 2 ** 20);
  return {
    what: 'largest tensor that a kernel sees at once',
    chosen: `${mebibytes} MiB`,
    why: 'what the device can bind; larger ones are run in parts',
  };
}

function timing({ info }: Device): AdapterChoice {
  const has = info.features.includes('timestamp-query');
  return {
    what: 'times of kernels',
    chosen: has ? 'by timestamps' : 'not measured',
    why: has ? 'the adapter has timestamp queries' : 'the adapter has no timestamp queries that work',
  };
}
