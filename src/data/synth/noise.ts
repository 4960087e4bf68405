/** @file Gradient noise in the plane: the irregular texture of everything drawn. */

/** A smooth random function of the plane: mean 0, mostly within [−1, 1], its features about 1 wide. */
export type Noise = (x: number, y: number) => number;

const DIRECTIONS = 32;
const COSINES = Float64Array.from({ length: DIRECTIONS }, (_, i) => Math.cos((2 * Math.PI * i) / DIRECTIONS));
const SINES = Float64Array.from({ length: DIRECTIONS }, (_, i) => Math.sin((2 * Math.PI * i) / DIRECTIONS));
/** Brings the range of interpolated unit gradients, ±√½, to ±1. */
const GAIN = Math.SQRT2;

/**
 * Gradient noise after K. Perlin, "Improving noise", SIGGRAPH 2002, with hashed gradients.
 *
 * @param seed 32-bit
 * @param period whole number of units after which the noise repeats along x, such as around a circle
 */
export function createNoise(seed: number, period = 2 ** 20): Noise {
  const slope = (cellX: number, cellY: number, x: number, y: number) => {
    let hash = Math.imul(cellX, 0x27d4eb2d) ^ Math.imul(cellY, 0x165667b1) ^ seed;
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    const direction = (hash >>> 16) % DIRECTIONS;
    return COSINES[direction]! * x + SINES[direction]! * y;
  };
  return (x, y) => {
    const floorX = Math.floor(x);
    const cellY = Math.floor(y);
    const cellX = ((floorX % period) + period) % period;
    const nextX = (cellX + 1) % period;
    const dx = x - floorX;
    const dy = y - cellY;
    const u = fade(dx);
    const v = fade(dy);
    const upper = lerp(slope(cellX, cellY, dx, dy), slope(nextX, cellY, dx - 1, dy), u);
    const lower = lerp(slope(cellX, cellY + 1, dx, dy - 1), slope(nextX, cellY + 1, dx - 1, dy - 1), u);
    return GAIN * lerp(upper, lower, v);
  };
}

/** Noise with details: three octaves, each twice as fine and half as strong as the one before. */
export function fractal(noise: Noise, x: number, y: number): number {
  return (noise(x, y) + noise(2 * x + 17, 2 * y + 5) / 2 + noise(4 * x + 31, 4 * y + 11) / 4) / 1.75;
}

/** Cords: 1 along the curves where the noise is zero, falling to 0 at a distance of about `width`. */
export function cords(value: number, width: number): number {
  const distance = Math.abs(value) / width;
  return distance < 1 ? (1 - distance * distance) ** 2 : 0;
}

/** From `a` to `b` as `t` goes from 0 to 1. */
export function lerp(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}

/** The length of (x, y); `Math.hypot` takes many times as long. */
export function norm(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

/** 0 below `from`, 1 above `to`, smooth between. */
export function smoothstep(from: number, to: number, x: number): number {
  const t = Math.min(1, Math.max(0, (x - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

function fade(t: number): number {
  return t * t * t * (t * (6 * t - 15) + 10);
}
