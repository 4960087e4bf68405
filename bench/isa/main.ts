/**
 * @file `npm run bench:isa`: compiles the tiled convolutions to the machine code of AMD GPUs, without having one, and
 * prints registers, spills, waves and the bound on speed. Fails if a kernel spills or its bound is below the goal.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FoveaError } from '../../src/errors.ts';
import { formatLines } from '../table.ts';
import { buildDriver } from './driver.ts';
import { tiledPlans } from './kernels.ts';
import { boundOf, type Gpu, hottestLoop } from './listing.ts';

/** RDNA 3 (Radeon RX 7900) and RDNA 2 (RX 6800 and 6900). The former's SIMDs multiply a wave of 64 in one clock. */
const GPUS: readonly Gpu[] = [
  { family: 'NAVI31', clocksOfMultiplyAdd: 1 },
  { family: 'NAVI21', clocksOfMultiplyAdd: 2 },
];

/** The least bound, as a share of the peak of fp32. */
const GOAL = 0.8;

const COMPILE = fileURLToPath(new URL('compile.ts', import.meta.url));
const HEADINGS = ['', 'GPU', 'tile', 'VGPRs', 'spills', 'scratch', 'waves/SIMD', '% of peak', 'bound by'];

interface Report {
  readonly cells: readonly string[];
  readonly good: boolean;
}

function report(name: string, key: string, gpu: Gpu, file: string): Report {
  const [head, listing] = readFileSync(file, 'utf8').split(/^listing\n/m) as [string, string];
  const figures = new Map(head.split('\n').map((line) => line.split('\t') as [string, string]));
  const figure = (label: string) => Number(figures.get(label));
  const spills = figure('Spilled VGPRs') + figure('Spilled SGPRs');
  const scratch = figure('Scratch size');
  // RADV counts waves of 32 lanes.
  const waves = (figure('Subgroups per SIMD') * 32) / figure('Subgroup size');
  const { share, by } = boundOf(hottestLoop(listing, gpu));
  const tile = ['rows', 'columns'].map((side) => new RegExp(`${side}=(\\d+)`).exec(key)?.[1]).join('×');
  return {
    cells: [
      name,
      gpu.family,
      tile,
      `${figure('VGPRs')}`,
      `${spills}`,
      `${scratch}`,
      `${waves}`,
      (share * 100).toFixed(1),
      by,
    ],
    good: spills === 0 && scratch === 0 && share >= GOAL,
  };
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
  return plans.map(({ name, plan: { key } }) =>
    report(name, key, gpu, join(folder, `${keys.indexOf(key)}.txt`)),
  );
}

const folder = mkdtempSync(join(tmpdir(), 'fovea-isa-'));
try {
  const environmentOf = buildDriver(folder);
  const reports = GPUS.flatMap((gpu) => compileFor(gpu, environmentOf(gpu.family), folder));
  console.log(formatLines([HEADINGS, ...reports.map(({ cells }) => cells)]));
  const bad = reports.filter(({ good }) => !good).length;
  console.log(
    `\nGoal: no spills, no scratch, at least ${GOAL * 100} % of peak. Missed by ${bad} of ${reports.length}.`,
  );
  if (bad > 0) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof FoveaError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
