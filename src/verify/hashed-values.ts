/**
 * @file Numbers hashed from names: every language and every machine makes the same ones, bit for bit, so that none has to be
 * stored.
 */

/** 32-bit FNV-1a of the text's UTF-8 bytes. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** A number in [0, 1) that depends on `index` and `seed` only. */
export function hashedUniform(index: number, seed: number): number {
  let x = (Math.imul(index, 0x9e3779b9) + seed) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b) >>> 0;
  x = (x ^ (x >>> 16)) >>> 0;
  return (x >>> 8) / 2 ** 24;
}

/** `count` numbers `scale · s + shift` with s in [−1, 1) hashed from `name`, made in float64 and rounded to f32. */
export function hashedValues(name: string, count: number, scale = 1, shift = 0): Float32Array<ArrayBuffer> {
  const seed = fnv1a(name);
  const values = new Float32Array(count);
  // Networks ask for tens of millions: Float32Array.from() would take six times as long.
  for (let i = 0; i < count; i++) values[i] = scale * (2 * hashedUniform(i, seed) - 1) + shift;
  return values;
}
