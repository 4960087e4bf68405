/**
 * @file `npm run soak [-- --steps count --devices count]`: 10 000 training steps of a small network, and 1 000 devices opened, used
 * and destroyed. Prints what is held meanwhile, and exits with 1 where it grows.
 */

import { Command } from 'commander';
import { COUNTS, type DeviceSample, growth, type Sample, soakDevices, soakSteps } from '../test/soak/soak.ts';

/** Bytes that a process gains and gives back for reasons of its own. */
const NOISE = { rss: 16 * 2 ** 20, heap: 2 ** 20 };
/** Samples of a soak. */
const SAMPLES = 21;

/** Devices that may wait for a garbage collection. */
const MOST_KEPT = 2;

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function print({ done, rss, heap, ...counts }: Sample | DeviceSample, unit: string): void {
  const rest = Object.entries(counts).map(([name, value]) => `${name} ${value}`);
  console.log([`${done} ${unit}s`, `RSS ${mebibytes(rss)}`, `heap ${mebibytes(heap)}`, ...rest].join('  '));
}

async function collect<T extends Sample>(samples: AsyncGenerator<T>, unit: string): Promise<T[]> {
  const collected: T[] = [];
  for await (const sample of samples) {
    print(sample, unit);
    collected.push(sample);
  }
  return collected;
}

/** Prints by how much the process grew over the last third; fails where that is more than noise. */
function judge(samples: readonly Sample[]): void {
  for (const of of ['rss', 'heap'] as const) {
    const bytes = growth(samples, of);
    const isFlat = bytes <= NOISE[of];
    console.log(`${of} grew by ${mebibytes(bytes)} over the last third: ${isFlat ? 'flat' : 'NOT FLAT'}`);
    if (!isFlat) process.exitCode = 1;
  }
}

async function soakTraining(steps: number): Promise<void> {
  const samples = await collect(soakSteps(steps, Math.ceil(steps / SAMPLES)), 'step');
  const [first, last] = [samples[0]!, samples.at(-1)!];
  for (const count of COUNTS) {
    if (first[count] === last[count]) continue;
    console.log(`${count} went from ${first[count]} to ${last[count]}: NOT FLAT`);
    process.exitCode = 1;
  }
  judge(samples);
}

async function soakOpening(count: number): Promise<void> {
  const samples = await collect(soakDevices(count, Math.ceil(count / SAMPLES)), 'device');
  const kept = samples.at(-1)?.kept ?? 0;
  if (kept > MOST_KEPT) {
    console.log(`${kept} of ${count} devices were destroyed and not collected: NOT FLAT`);
    process.exitCode = 1;
  }
  judge(samples);
}

const { steps, devices } = new Command('soak')
  .option('--steps <count>', 'training steps, 0 for none', Number, 10_000)
  .option('--devices <count>', 'devices, 0 for none', Number, 1000)
  .parse()
  .opts<{ steps: number; devices: number }>();
if (steps > 0) await soakTraining(steps);
if (devices > 0) await soakOpening(devices);
