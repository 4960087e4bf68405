/**
 * @file Files that PyTorch and Paddle wrote: scripts/interop/make-weight-fixtures.py makes them.
 */

import { readFileSync } from 'node:fs';

const FIXTURES = JSON.parse(readFileSync(new URL('./fixtures/weights.json', import.meta.url), 'utf8'));

/** The bytes of a file. */
export function fixture(name: string): Uint8Array {
  return new Uint8Array(Buffer.from(FIXTURES[name], 'base64'));
}

/** Numbers by name, as the library has them. */
export function fixtureValues(name: string): Record<string, number[]> {
  return FIXTURES[name];
}

/** As the script makes them. */
export function values(count: number, seed: number): number[] {
  return Array.from({ length: count }, (_, i) => (((i * 7 + seed) % 13) - 6) / 2);
}
