/**
 * @file WebGPU's default limits are all that is needed: every kernel compiles within them, and a network trains.
 */

import { expect, test } from 'vitest';
import { mean } from '../../src/autograd/ops.ts';
import type { Device } from '../../src/device/device.ts';
import { PipelineCache } from '../../src/device/pipelines.ts';
import { writes } from '../../src/kernels/buffers.ts';
import { threadEntry } from '../../src/kernels/grid.ts';
import { defineKernel } from '../../src/kernels/kernel.ts';
import type { KernelPlan } from '../../src/kernels/plan.ts';
import { BasicBlock } from '../../src/nn/basic-block.ts';
import { Linear } from '../../src/nn/linear.ts';
import { Module } from '../../src/nn/module.ts';
import { Momentum } from '../../src/optim/momentum.ts';
import { Random } from '../../src/random.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { trainStep } from '../../src/train/step.ts';
import { GPU, kernelPlans, SOFTWARE } from '../mutants/plans.ts';
import { nullAdapters, openPlatform } from '../support/stand-in.ts';
import { noise } from '../train/tiny.ts';

/** https://www.w3.org/TR/webgpu/#limits */
const DEFAULTS = {
  maxStorageBuffersPerShaderStage: 8,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeWorkgroupsPerDimension: 65_535,
  maxBufferSize: 268_435_456,
};

/** Has devices with default limits only, and the features that kernels use. */
const requiredFeatures: GPUFeatureName[] = ['subgroups'];
const defaults = (adapter: GPUAdapter) => ({
  requestDevice: () => adapter.requestDevice({ requiredFeatures }),
});

/** The messages of those of `plans` that a device with default limits refuses. */
async function refused(plans: readonly KernelPlan[]): Promise<string[]> {
  const gpu = await defaults(await nullAdapters.requestAdapter('auto')).requestDevice();
  expect(gpu.limits).toMatchObject(DEFAULTS);
  const pipelines = new PipelineCache(gpu, true);
  const outcomes = await Promise.allSettled(plans.map((plan) => pipelines.prepare([plan])));
  gpu.destroy();
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
}

const SUMS = [64, 32, 16] as const;

test('every kernel compiles', async () => {
  const targets = [SOFTWARE, ...SUMS.map((sumsPerThread) => ({ ...GPU, sumsPerThread }))];
  const all = targets.flatMap((target) => kernelPlans(target));
  const plans = [...new Map(all.map((plan) => [plan.key, plan])).values()];
  expect(plans.length).toBeGreaterThan(200);
  expect(await refused(plans)).toEqual([]);
  const most = DEFAULTS.maxComputeWorkgroupsPerDimension;
  expect(plans.filter(({ workgroups }) => Math.max(...workgroups) > most)).toEqual([]);
});

test('a kernel that wants more would be refused', async () => {
  const names = Array.from({ length: 9 }, (_, i) => `b${i}`);
  const many = defineKernel({
    name: 'test.nine',
    buffers: Object.fromEntries(names.map((name) => [name, writes('f32')])),
    uniforms: {},
    body: () => threadEntry(names.map((name) => `${name}[thread] = 1.0;`).join('\n')),
  });
  const wide = defineKernel({
    name: 'test.wide',
    buffers: { y: writes('f32') },
    uniforms: {},
    body: () => '@compute @workgroup_size(257) fn main() { y[0] = 1.0; }',
  });
  const roomy = defineKernel({
    name: 'test.roomy',
    buffers: { y: writes('f32') },
    uniforms: {},
    body: () =>
      'var<workgroup> room: array<f32, 4097>;\n@compute @workgroup_size(1) fn main() { y[0] = room[u32(y[1])]; }',
  });
  const plans = [many({}, {}, [1, 1, 1]), wide({}, {}, [1, 1, 1]), roomy({}, {}, [1, 1, 1])];
  expect(await refused(plans)).toEqual([
    expect.stringContaining('test.nine'),
    expect.stringContaining('test.wide'),
    expect.stringContaining('test.roomy'),
  ]);
});

/** A block with and one without a convolution in its shortcut, the mean over the image, one logit. */
class SmallResNet extends Module {
  readonly blocks: readonly BasicBlock[];
  readonly out: Linear;

  constructor(device: Device) {
    super(device);
    const random = new Random(1);
    this.blocks = [3, 8].map(
      (inChannels) => new BasicBlock(device, { inChannels, channels: 8, stride: 1, random }),
    );
    this.out = new Linear(device, { inFeatures: 8, outFeatures: 1, random });
  }

  override forward(x: Tensor): Tensor {
    const map = this.blocks.reduce((x, block) => block(x), x);
    return this.out(mean(map, { axes: [2, 3] }));
  }
}

test('a small ResNet trains', async () => {
  const device = await openPlatform({ adapter: defaults });
  expect(device.info.limits).toMatchObject(DEFAULTS);
  const model = new SmallResNet(device);
  const optimizer = new Momentum({ parameters: model.parameters(), learningRate: 0.01 });
  const losses: number[] = [];
  for await (const batch of noise([2], 1).epoch(0))
    for (let step = 0; step < 3; step++) losses.push(await trainStep(model, optimizer, batch).loss.item());
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(losses[2]).toBeLessThan(losses[0]!);
});
