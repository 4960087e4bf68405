/** @file The retina's vessels: trees that grow from the disc in arcs around the fovea. */

import type { Random } from '../../random.ts';
import type { Eye } from './eye.ts';
import { norm } from './noise.ts';

/** A vessel while it grows; angles in radians from the temporal side, positive downwards. */
interface Vessel {
  x: number;
  y: number;
  heading: number;
  /** Change of heading per unit of length at its start; none at its end. */
  readonly bend: number;
  /** Half its width, which falls to a half over its length. */
  readonly width: number;
  readonly length: number;
  /** Arteries are fainter than veins. */
  readonly darkness: number;
}

/** Marks a disc of `radius` pixels at (x, y), in units of the field. */
type Stamp = (x: number, y: number, radius: number, darkness: number) => void;

const STEP = 0.004;
const THINNEST = 0.0022;
const VEIN = { width: 0.0115, darkness: 1 };
const ARTERY = { width: 0.008, darkness: 0.7 };

/**
 * Draws the vessels of `eye`.
 *
 * @param scale pixels per field radius
 * @returns how dark a vessel lies over each pixel, 0 to 1, `[size, size]`, not mirrored
 */
export function drawVessels(random: Random, eye: Eye, size: number, scale: number): Float32Array {
  const darkness = new Float32Array(size * size);
  const stamp = createStamp(darkness, size, scale);
  const { disc } = eye;
  for (const side of [-1, 1]) {
    for (const kind of [VEIN, ARTERY]) {
      const start = { x: disc.x, y: disc.y + side * disc.radius * 0.2 * random.uniform(), ...kind };
      // The temporal arcade: steeply up (or down), then around the fovea.
      const rise = side * (1.2 + 0.18 * random.normal());
      grow(random, stamp, { ...start, heading: rise, bend: -1.15 * rise, length: 1.9 });
      // Its nasal counterpart.
      const away = side * (2.1 + 0.25 * random.normal());
      const width = 0.75 * kind.width;
      grow(random, stamp, {
        ...start,
        width,
        heading: away,
        bend: 0.3 * side * random.normal(),
        length: 1.2,
      });
    }
  }
  const twigs = 4 + random.integer(4);
  for (let i = 0; i < twigs; i++) {
    const heading = 2 * Math.PI * random.uniform();
    const length = 0.3 + 0.3 * random.uniform();
    grow(random, stamp, {
      x: disc.x,
      y: disc.y,
      heading,
      bend: random.normal(),
      width: 0.0038,
      length,
      darkness: 0.7,
    });
  }
  return darkness;
}

/** Draws `vessel` to its end, and its branches. */
function grow(random: Random, stamp: Stamp, vessel: Vessel): void {
  let { x, y, heading } = vessel;
  let sway = 0;
  let nextBranch = 0.15 + 0.15 * random.uniform();
  for (let length = 0; length < vessel.length && x * x + y * y < 1.1; length += STEP) {
    const width = vessel.width * (1 - (0.5 * length) / vessel.length);
    stamp(x, y, width, vessel.darkness);
    sway = 0.97 * sway + 0.4 * random.normal();
    heading += (vessel.bend * (1 - length / vessel.length) + sway) * STEP;
    x += STEP * Math.cos(heading);
    y += STEP * Math.sin(heading);
    if (length < nextBranch) continue;
    nextBranch = length + 0.12 + 0.3 * random.uniform();
    const side = random.uniform() < 0.5 ? -1 : 1;
    const branch = {
      ...{ x, y, darkness: vessel.darkness },
      heading: heading + side * (0.4 + 0.6 * random.uniform()),
      bend: -side * (0.6 + 1.5 * random.uniform()),
      width: width * (0.45 + 0.3 * random.uniform()),
      length: (vessel.length - length) * (0.4 + 0.4 * random.uniform()),
    };
    if (branch.width > THINNEST) grow(random, stamp, branch);
  }
}

/** A stamp with soft edges; where vessels cross, the darker one stays. */
function createStamp(map: Float32Array, size: number, scale: number): Stamp {
  return (x, y, radius, darkness) => {
    const centreX = size / 2 + x * scale - 0.5;
    const centreY = size / 2 + y * scale - 0.5;
    const reach = radius * scale + 0.5;
    for (let row = Math.ceil(centreY - reach); row <= centreY + reach; row++) {
      for (let column = Math.ceil(centreX - reach); column <= centreX + reach; column++) {
        if (row < 0 || row >= size || column < 0 || column >= size) continue;
        // A vessel thinner than a pixel covers it in part.
        const coverage = Math.min(1, 2 * radius * scale, reach - norm(column - centreX, row - centreY));
        const at = row * size + column;
        map[at] = Math.max(map[at]!, darkness * coverage);
      }
    }
  };
}
