/**
 * @file What layer norm and group norm share: groups of elements that are normalized together, and the threads that walk
 * through one group.
 *
 * A group is all pixels of some neighbouring channels of one image `[N, C, H, W]`, which lies channels-last. Layer norm
 * over channels is the same with every pixel for an image of its own, of a single group. A power of two of threads shares
 * a group, as many as there is work for: neighbours load neighbouring memory.
 */

import { CHANNEL_BLOCK, channelBlocks } from '../../shape/layout.ts';
import { ceilDivide, checkIndexable } from '../../shape/shape.ts';
import { unroll, WORKGROUP, workgroupEntry, workgroupGrid } from '../grid.ts';
import type { KernelTarget } from '../plan.ts';
import { uniformsOf } from '../uniforms.ts';
import { piece } from '../wgsl.ts';

/** What is normalized. */
export interface NormSize {
  readonly images: number;
  /** Pixels per image. */
  readonly pixels: number;
  readonly channels: number;
  /** Groups per image; they divide the channels. */
  readonly groups: number;
  /** Where a batch is taken in parts, the groups before this part, whose statistics lie before its own; 0 by default. */
  readonly firstGroup?: number;
}

/** The facts of an adapter that decide how many threads share a group. */
export type NormTarget = Pick<KernelTarget, 'software'>;

/** How a group lies in memory. */
export type GroupForm =
  /** It is one row of vec4s. */
  | 'row'
  /** Its channels fill whole vec4s. */
  | 'blocks'
  /** It shares vec4s with its neighbours. */
  | 'channels';

/** How the groups of this size lie in memory. */
export function groupForm({ pixels, channels, groups }: NormSize): GroupForm {
  if (groups === 1) return pixels === 1 ? 'row' : 'blocks';
  return (channels / groups) % CHANNEL_BLOCK === 0 ? 'blocks' : 'channels';
}

/** How many vec4s a thread has at least, where it shares a group. */
const BLOCKS_PER_THREAD = 3;
/** Threads that keep a software adapter busy: adding up the sums of more costs it more than it gains. */
const ENOUGH_THREADS = 512;

/** The threads that share a group: a power of 2. */
function threadsPerGroup({ images, pixels, channels, groups }: NormSize, { software }: NormTarget): number {
  const blocks = pixels * channelBlocks(channels / groups);
  const most = software ? ceilDivide(ENOUGH_THREADS, images * groups) : WORKGROUP;
  let threads = 1;
  while (threads < Math.min(most, WORKGROUP) && 2 * threads * BLOCKS_PER_THREAD <= blocks) threads *= 2;
  return threads;
}

/** The uniforms of {@link groupEntry}: `width` is the channels of a group, `share` 1 / its elements. */
export const groupUniforms = {
  ...uniformsOf(
    'u32',
    'groupCount',
    'groups',
    'pixels',
    'channels',
    'blocks',
    'width',
    'threads',
    'firstGroup',
  ),
  share: 'f32',
} as const;

/** Their values. */
export function groupValues(size: NormSize, target: NormTarget): Record<keyof typeof groupUniforms, number> {
  const { images, pixels, channels, groups, firstGroup = 0 } = size;
  const blocks = channelBlocks(channels);
  checkIndexable(images * pixels * blocks * CHANNEL_BLOCK, 'what is normalized');
  const width = channels / groups;
  const share = 1 / (width * pixels);
  const threads = threadsPerGroup(size, target);
  return { groupCount: images * groups, groups, pixels, channels, blocks, width, share, threads, firstGroup };
}

/** The grid of {@link groupEntry}. */
export function groupGrid(size: NormSize, target: NormTarget): readonly [number, number, number] {
  const groups = size.images * size.groups;
  return workgroupGrid(ceilDivide(groups, WORKGROUP / threadsPerGroup(size, target)), WORKGROUP);
}

/** WGSL: sums over the threads of a group, two at a time, in a fixed order. All threads must call it. */
export const ADD_UP = /* @__PURE__ */ piece(`
var<workgroup> sums: array<vec2f, ${WORKGROUP}>;
fn addUp(sum: vec2f, localIndex: u32) -> vec2f {
  workgroupBarrier(); // The sums before these have been read.
  sums[localIndex] = sum;
  workgroupBarrier();
  var total = vec2f();
  let first = localIndex - localIndex % u.threads;
  for (var other = first; other < first + u.threads; other++) { total += sums[other]; }
  return total;
}`);

/**
 * The entry point of a kernel that walks through groups. `body` runs in each thread of a group and sees its number
 * `group`, `isGroup`, which is false beyond the last one, `base`, the index of its first vec4, `firstChannel`,
 * and `isFirst`, which is true in one thread of it. {@link forEachBlock} makes its loops.
 */
export function groupEntry(body: string): string {
  return workgroupEntry(
    WORKGROUP,
    `
  let group = workgroupIndex * (${WORKGROUP}u / u.threads) + localIndex / u.threads;
  let member = localIndex % u.threads;
  let isGroup = group < u.groupCount;
  let isFirst = isGroup && member == 0u;
  let firstChannel = (group % u.groups) * u.width;
  let endChannel = firstChannel + u.width;
  let firstBlock = firstChannel / ${CHANNEL_BLOCK}u;
  let blocks = (endChannel + ${CHANNEL_BLOCK - 1}u) / ${CHANNEL_BLOCK}u - firstBlock;
  let base = (group / u.groups) * u.pixels * u.blocks + firstBlock;
  let count = select(0u, blocks * u.pixels, isGroup);
${body}`,
  );
}

/**
 * WGSL: a loop over the thread's vec4s of its group. `visit` sees `i`, the index of one, `block`, its place among the
 * channels, and `inGroup`, which of its components are the group's and not a neighbour's or padding.
 */
export function forEachBlock(form: GroupForm, visit: string): string {
  const place =
    form === 'row'
      ? 'let block = e; let i = base + e;'
      : `let block = firstBlock + e % blocks; let i = base + (e / blocks) * u.blocks + e % blocks;`;
  return `
  for (var e = member; e < count; e += u.threads) {
    ${place}
    let channel = ${CHANNEL_BLOCK}u * block + vec4u(0u, 1u, 2u, 3u);
    let inGroup = (channel >= vec4u(firstChannel)) & (channel < vec4u(endChannel));
    ${visit}
  }`;
}

/** The WGSL type of what {@link storeBlock} writes. */
export const storedElement = (form: GroupForm): string => (form === 'channels' ? 'f32' : 'vec4f');

/**
 * WGSL, within {@link forEachBlock}: writes `value` to `buffer` where it is the group's, and zero to padding, which is
 * the last group's.
 */
export function storeBlock(form: GroupForm, buffer: string): string {
  if (form !== 'channels') return `${buffer}[i] = select(vec4f(), value, inGroup);`;
  return unroll(CHANNEL_BLOCK, (c) => {
    const isPadding = `channel[${c}] >= u.channels`;
    return `if (inGroup[${c}] || ${isPadding}) {
      ${buffer}[${CHANNEL_BLOCK}u * i + ${c}u] = select(value[${c}], 0.0, ${isPadding});
    }`;
  });
}
