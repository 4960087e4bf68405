/**
 * @file `npm run bench:isa`: compiles the tiled convolutions to the machine code of AMD GPUs, without having one, and
 * prints registers, spills, waves and the bound on speed. Fails if a kernel spills, or if the bound of one by large tiles is
 * below the goal: small tiles are for other GPUs, whose compilers cannot be asked here.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FoveaError } from '../../src/errors.ts';
import { formatLines } from '../table.ts';
import { buildDriver } from './driver.ts';
import { type NamedPlan, tiledPlans } from './kernels.ts';
import { boundOf, type Gpu, hottestLoop } from './listing.ts';

/** RDNA 3 (Radeon RX 7900) and RDNA 2 (RX 6800 and 6900). The former's SIMDs multiply a wave of 64 in one clock. */
const GPUS: readonly Gpu[] = [
  { family: 'NAVI31', clocksOfMultiplyAdd: 1 },
  { family: 'NAVI21', clocksOfMultiplyAdd: 2 },
];

/** The least bound of large tiles, as a share of the peak of fp32. */
const GOAL = 0.8;

const COMPILE = fileURLToPath(new URL('compile.ts', import.meta.url));
const HEADINGS = [
  '',
  'GPU',
  'tile',
  'VGPRs',
  'spills',
  'scratch',
  'waves/SIMD',
  'instructions per multiply-add',
  '% of peak',
  'bound by',
];

interface Report {
  readonly cells: readonly string[];
  readonly good: boolean;
}

function report({ name, plan: { key }, large }: NamedPlan, gpu: Gpu, file: string): Report {
  const [head, listing] = readFileSync(file, 'utf8').split(/^listing\n/m) as [string, string];
  const figures = new Map(head.split('\n').map((line) => line.split('\t') as [string, string]));
  const figure = (label: string) => Number(figures.get(label));
  const spills = figure('Spilled VGPRs') + figure('Spilled SGPRs');
  const scratch = figure('Scratch size');
  // RADV counts waves of 32 lanes.
  const waves = (figure('Subgroups per SIMD') * 32) / figure('Subgroup size');
  const loop = hottestLoop(listing, gpu);
  const { share, by } = boundOf(loop);
  return {
    cells: [
      name,
      gpu.family,
      tileOf(key),
      `${figure('VGPRs')}`,
      `${spills}`,
      `${scratch}`,
      `${waves}`,
      loop.instructionsPerMultiplyAdd.toFixed(2),
      (share * 100).toFixed(1),
      by,
    ],
    good: spills === 0 && scratch === 0 && (!large || share >= GOAL),
  };
}

/** The workgroup's tile and the thread's, out of a plan's key. */
function tileOf(key: string): string {
  const size = (side: string) => new RegExp(` ${side}=(\\d+)`).exec(key)?.[1];
  return `${size('rows')}×${size('columns')}/${size('rowsPerThread')}×${size('columnsPerThread')}`;
}

function compileFor(gpu: Gpu, environment: NodeJS.ProcessEnv, folder: string): Report[] {
  // tsx hands its loader on in execArgv.
  const child = spawnSync(process.execPath, [...process.execArgv, COMPILE], {
    env: environment,
    encoding: 'utf8',
  });
  if (child.status !== 0) {
    const why = child.stderr.trim() || `ended by ${child.signal}`;
    throw new FoveaError('unsupported', `compiling for ${gpu.family} failed: ${why}`);
  }
  const plans = tiledPlans();
  // Equal keys share a pipeline; the driver numbers pipelines as they are created.
  const keys = [...new Set(plans.map(({ plan }) => plan.key))];
  return plans.map((plan) => report(plan, gpu, join(folder, `${keys.indexOf(plan.plan.key)}.txt`)));
}

const folder = mkdtempSync(join(tmpdir(), 'fovea-isa-'));
try {
  const environmentOf = buildDriver(folder);
  const reports = GPUS.flatMap((gpu) => compileFor(gpu, environmentOf(gpu.family), folder));
  console.log(formatLines([HEADINGS, ...reports.map(({ cells }) => cells)]));
  const bad = reports.filter(({ good }) => !good).length;
  console.log(
    `\nGoal: no spills, no scratch, large tiles at least ${GOAL * 100} % of peak. Missed by ${bad} of ${reports.length}.`,
  );
  if (bad > 0) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof FoveaError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
