/**
 * @file Figures of an adapter, as few as there can be of each part.
 */

import type { AdapterFigures } from '../../src/laboratory/figures.ts';
import { PASSED } from './certificate.ts';

/** The figures. */
export const ADAPTER_FIGURES: AdapterFigures = {
  format: 'fovea adapter figures 1',
  fovea: '0.1.0',
  runtime: 'Node.js 22.11.0',
  machine: 'a test',
  date: '2026-01-02T03:04:05.678Z',
  seconds: 90,
  quick: false,
  stopped: false,
  failed: [{ part: 'tuning', message: 'no room' }],
  adapter: {
    ...{ name: 'a card', vendor: 'nvidia', architecture: 'ampere', software: false },
    ...{ features: ['subgroups'], readableTextures: true, subgroupSizes: [32, 32] },
    limits: {
      maxBufferSize: 2 ** 32,
      maxStorageBufferBindingSize: 2 ** 31,
      maxStorageBuffersPerShaderStage: 8,
      maxComputeWorkgroupStorageSize: 32768,
      maxComputeInvocationsPerWorkgroup: 1024,
      maxComputeWorkgroupsPerDimension: 65535,
    },
  },
  choices: [{ what: 'kernels', chosen: 'tiled', why: 'a GPU' }],
  certificate: PASSED,
  gradients: {
    tolerance: 0.01,
    ops: [{ op: 'relu', ok: true, worst: 1e-4, compared: 4, kinks: 1, about: 'input 0' }],
  },
  convolutions: {
    timedBy: 'clock',
    ceiling: 1000,
    passes: [
      {
        ...{
          name: 'c2_3x3',
          geometry: '1×64×56×56 → 64, 3×3, stride 1',
          pass: 'forward',
          algorithm: 'tiled',
        },
        ...{ milliseconds: 0.5, gigaflops: 400 },
      },
    ],
  },
  steps: [
    {
      ...{ layers: 50, size: 64, batch: 4, compile: 900, milliseconds: 12, javascript: 3 },
      ...{ dispatches: 300, submits: 3, peakBytes: 2 ** 28 },
      kernels: [{ name: 'conv2d.forward.tiled', dispatches: 53, milliseconds: 8 }],
    },
  ],
  tuning: {
    ...{ size: 64, batch: 4, seconds: 30, total: 60, before: 12, after: 10 },
    passes: [
      {
        ...{ geometry: '4×64×16×16 → 64, 3×3, stride 1', pass: 'backwardWeight' },
        ...{ heuristic: 'tiled', chosen: 'plain', before: 0.25, after: 0.2 },
      },
    ],
  },
};
