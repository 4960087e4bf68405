import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { wgslByKernel } from './plans.ts';
import { mutate } from './wgsl/fault.ts';
import { WGSL_MUTANTS } from './wgsl-mutants.ts';

const FOLDER = join(import.meta.dirname, '../../src/kernels');

/** The names of all kernels, as their definitions give them. */
const kernels = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => [
    ...readFileSync(join(FOLDER, file), 'utf8').matchAll(/defineKernel\(\{\s*name: '([^']+)'/g),
  ])
  .map(([, name]) => name!);

const sources = wgslByKernel();

test('every kernel has its variants and at least three faults', () => {
  expect(kernels.length).toBeGreaterThan(30);
  for (const kernel of kernels) {
    expect(sources.get(kernel)?.length, kernel).toBeGreaterThan(0);
    expect(WGSL_MUTANTS.filter((mutant) => mutant.kernel === kernel).length, kernel).toBeGreaterThanOrEqual(
      3,
    );
  }
});

test('no two mutants have one name', () => {
  expect(new Set(WGSL_MUTANTS.map(({ name }) => name)).size).toBe(WGSL_MUTANTS.length);
});

describe('each fault changes some variant of its kernel', () => {
  test.each(WGSL_MUTANTS)('$name', ({ kernel, fault }) => {
    const wgsl = sources.get(kernel) ?? [];
    expect(wgsl.some((text) => mutate(text, fault) !== text)).toBe(true);
  });
});
