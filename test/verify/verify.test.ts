/**
 * @file `verify` on this machine's adapter, and on one that stands in for a broken one. It compiles hundreds of kernels, and so tries
 * every eighth of its checks only, unless tests are to be thorough.
 */

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Device } from '../../src/device/device.ts';
import { conv2dGeometry } from '../../src/shape/conv2d.ts';
import { openDevice } from '../../src/tensor/open-device.ts';
import { tensorStatistics } from '../../src/tensor/scope.ts';
import { algorithmFor, algorithmsOf } from '../../src/tensor/tuning.ts';
import { type Certificate, certificateText } from '../../src/verify/certificate.ts';
import { verify } from '../../src/verify/verify.ts';
import { openTestDevice } from '../support/device.ts';
import { standInAdapters } from '../support/stand-in-adapter.ts';
import { thoroughly } from '../support/thorough.ts';

vi.mock('../../src/verify/checks.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../src/verify/checks.ts')>();
  const some = <C>(checks: readonly C[]) => checks.filter((_, i) => i % thoroughly(1, 8) === 0);
  const { algorithmChecks, opChecks } = original;
  return {
    ...original,
    algorithmChecks: (...on: Parameters<typeof algorithmChecks>) => some(algorithmChecks(...on)),
    opChecks: () => some(opChecks()),
  };
});

describe('a healthy adapter', () => {
  let device: Device;
  let certificate: Certificate;
  const progress: number[] = [];
  beforeAll(async () => {
    device = await openTestDevice();
    certificate = await verify(device, { onProgress: (done, total) => progress.push(done / total) });
  }, 300_000);
  afterAll(() => device.destroy());

  test('passes, and tells how far it is', () => {
    expect(certificate).toMatchObject({ passed: true, struck: [] });
    expect(progress.at(-1)).toBe(1);
  });

  test('passes with margin: bounds are twice what is found, or more', () => {
    const { algorithms, ops, training } = certificate;
    const narrow = [...algorithms, ...ops, training].filter(({ error, bound }) => error > bound / 2);
    expect(narrow).toEqual([]);
  });

  test('leaves nothing behind', () => {
    expect(tensorStatistics(device)).toMatchObject({ tensors: 0, bytes: 0 });
    expect(device.statistics).toMatchObject({ buffersInUse: 0, buffersIdle: 0 });
  });

  test('is told in a table', () => {
    expect(certificateText(certificate)).toMatch(/^training +\d\.\de-\d+ +\d\.\de-\d+ +ok /m);
  });
});

test('an algorithm that is wrong is struck, and the device passes without it', async () => {
  const warnings: string[] = [];
  const device = await openDevice(
    standInAdapters({
      rewrite: (wgsl, name) => (/^conv2d.*depthwise/.test(name) ? wgsl.replaceAll('fma(', 'max(') : wgsl),
    }),
    { onWarning: (message) => warnings.push(message) },
  );
  const { passed, struck } = await verify(device);
  expect({ passed, struck }).toEqual({ passed: true, struck: ['depthwise'] });
  expect(warnings).toEqual([
    expect.stringMatching(/^convolutions by the algorithm 'depthwise' are wrong on /),
  ]);
  expect(algorithmsOf(device).map(({ name }) => name)).not.toContain('depthwise');
  const g = conv2dGeometry([1, 8, 5, 5], [8, 1, 3, 3], { groups: 8 });
  expect(algorithmFor(device, 'forward', g).name).toBe('grouped');
  device.destroy();
}, 300_000);
