/**
 * @file Reads a listing of an AMD GPU's machine code, and works out how fast its hottest loop could be at best.
 *
 * A multiply-add unit that is busy all the time is the peak. What keeps it from being so, if memory answered at once,
 * is the busiest of three units: the vector ALU itself, workgroup memory, and the L0 cache. The rates are those that
 * Mesa's compiler assumes (`src/amd/compiler/aco_statistics.cpp`); of a compute unit's memories, 128 bytes per clock,
 * shared by two SIMDs. Bank conflicts, barriers and misses of the cache are left out: a bound, not a forecast.
 */

/** Lanes of a wave: what Dawn asks of RADV. */
const LANES = 64;
/** A SIMD's share of a memory, bytes per clock. */
const BYTES_A_CLOCK = 128 / 2;

/** A GPU as far as the bound depends on it. */
export interface Gpu {
  /** Its name in RADV_FORCE_FAMILY. */
  readonly family: string;
  /** Clocks that a wave's fp32 multiply-add takes. */
  readonly clocksOfMultiplyAdd: number;
}

/** Clocks of one run of a loop, a wave. */
export interface LoopCost {
  /** Instructions of any kind for one that multiplies and adds. */
  readonly instructionsPerMultiplyAdd: number;
  readonly multiplyAdds: number;
  readonly alu: number;
  readonly workgroupMemory: number;
  readonly cache: number;
}

interface Block {
  readonly label: string;
  readonly instructions: string[];
  readonly targets: string[];
}

/** The loop with the most multiply-adds, loops inside of it counted as if they ran once. */
export function hottestLoop(listing: string, gpu: Gpu): LoopCost {
  const blocks = parseBlocks(listing);
  const costs = findLoops(blocks).map((loop) =>
    costOf(
      loop.flatMap(({ instructions }) => instructions),
      gpu,
    ),
  );
  const hottest = costs.sort((a, b) => b.multiplyAdds - a.multiplyAdds || a.alu - b.alu)[0];
  if (!hottest) throw new Error('the listing has no loop');
  return hottest;
}

/** The share of the GPU's peak that the loop cannot exceed, and what it is bound by. */
export function boundOf(cost: LoopCost): { share: number; by: string } {
  const units = { alu: cost.alu, 'workgroup memory': cost.workgroupMemory, cache: cost.cache };
  const [by, clocks] = Object.entries(units).reduce((a, b) => (b[1] > a[1] ? b : a));
  return { share: cost.multiplyAdds / clocks, by };
}

function parseBlocks(listing: string): Block[] {
  const blocks: Block[] = [{ label: '', instructions: [], targets: [] }];
  for (const line of listing.split('\n')) {
    const label = /^\s*(BB\d+):/.exec(line)?.[1];
    if (label) blocks.push({ label, instructions: [], targets: [] });
    const code = line.split(';')[0]!;
    const instruction = /^\s*((?:v|s|ds|buffer|global|flat|scratch)_\w+)/.exec(code)?.[1];
    if (!instruction) continue;
    blocks.at(-1)!.instructions.push(instruction);
    const target = /^\s*s_c?branch\w*\s+(BB\d+)/.exec(code)?.[1];
    if (target) blocks.at(-1)!.targets.push(target);
  }
  return blocks;
}

/** A branch back closes a loop, and the compiler lays a loop's blocks out side by side. */
function findLoops(blocks: readonly Block[]): Block[][] {
  return blocks.flatMap(({ targets }, last) =>
    targets
      .map((target) => blocks.findIndex(({ label }) => label === target))
      .filter((first) => first >= 0 && first <= last)
      .map((first) => blocks.slice(first, last + 1)),
  );
}

function costOf(instructions: readonly string[], gpu: Gpu): LoopCost {
  const total = (count: (instruction: string) => number) =>
    instructions.reduce((sum, instruction) => sum + count(instruction), 0);
  const memory = (unit: RegExp) =>
    total((name) => (unit.test(name) ? (bytesOf(name) * LANES) / BYTES_A_CLOCK : 0));
  return {
    instructionsPerMultiplyAdd: instructions.length / total((name) => (isMultiplyAdd(name) ? 1 : 0)),
    multiplyAdds: total((name) => (isMultiplyAdd(name) ? gpu.clocksOfMultiplyAdd : 0)),
    alu: total((name) => aluClocks(name, gpu)),
    workgroupMemory: memory(/^ds_/),
    cache: memory(/^(buffer|global|flat|scratch)_/),
  };
}

function isMultiplyAdd(instruction: string): boolean {
  return /^v_fma(c|ak|mk)?_f32/.test(instruction);
}

function aluClocks(instruction: string, gpu: Gpu): number {
  if (!instruction.startsWith('v_')) return 0;
  if (/^v_(mul_lo_u32|mul_hi_[iu]32|mad_[iu]64)/.test(instruction)) return LANES / 8;
  if (/^v_(lsh[lr]|ash)rev_[bi]64/.test(instruction)) return LANES / 16;
  const asFast = /^v_((add|sub|subrev|mul|min|max)_f32|mov_b32|cndmask_b32)/.test(instruction);
  return isMultiplyAdd(instruction) || asFast ? gpu.clocksOfMultiplyAdd : LANES / 32;
}

/** Bytes per lane that an access moves. */
function bytesOf(instruction: string): number {
  const words = /dwordx(\d)/.exec(instruction)?.[1];
  const bits = /_[biu](\d+)/.exec(instruction)?.[1];
  const bytes = words ? Number(words) * 4 : Math.max(4, Number(bits ?? 32) / 8);
  return /(read|write|load|store)_?(2|2st64|2addr\w*)_/.test(instruction) ? bytes * 2 : bytes;
}
