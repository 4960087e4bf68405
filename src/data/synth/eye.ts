/**
 * @file What a drawn eye looks like: anatomy, disease and light, drawn at random by its class.
 *
 * Lengths are in radii of the round field of view, whose centre is (0, 0); x points to the temporal side, y
 * down. Colours are RGB from 0 to 255.
 */

import type { Random } from '../../random.ts';

/** High myopia without lesions, normal, pathologic myopia: the prefixes of iChallenge-PM's file names. */
export type FundusKind = 'H' | 'N' | 'P';

export type Rgb = readonly [red: number, green: number, blue: number];

/** An irregular pale area where the retina has wasted away. */
export interface Atrophy {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** How far its border strays from a circle, as a share of its radius. */
  readonly roughness: number;
  readonly color: Rgb;
  /** Share of dark pigment clumps, 0 to 1. */
  readonly pigment: number;
}

/** One eye as one photograph shows it. */
export interface Eye {
  /** A left eye: drawn mirrored. */
  readonly mirrored: boolean;
  /** Radius of the field of view, in widths of the picture. */
  readonly field: number;
  readonly disc: {
    readonly x: number;
    readonly y: number;
    readonly radius: number;
    /** Width over height, before it is turned by `tilt` radians. */
    readonly aspect: number;
    readonly tilt: number;
    /** Radius of the cup, in radii of the disc. */
    readonly cup: number;
    readonly color: Rgb;
  };
  readonly fovea: { readonly x: number; readonly y: number; readonly radius: number; readonly depth: number };
  readonly retina: Rgb;
  /** How much of the choroid's vessels shows through, 0 to 1. */
  readonly tessellation: number;
  /** Contrast of the retina's own vessels, 0 to 1. */
  readonly vesselContrast: number;
  /** Yellowish thinning of the whole posterior pole, 0 to 1. */
  readonly diffuseAtrophy: number;
  readonly atrophies: readonly Atrophy[];
  /** Glare around the fovea of a young retina, 0 to 1. */
  readonly reflex: number;
  readonly light: {
    readonly x: number;
    readonly y: number;
    /** How fast it fades with the squared distance from (x, y). */
    readonly falloff: number;
  };
  /** A veil that rises towards one side of the rim. */
  readonly haze: { readonly color: Rgb; readonly direction: number; readonly strength: number };
  /** Standard deviation of the camera's noise. */
  readonly grain: number;
}

/** The ranges from which each class draws. They overlap: no single one tells the class. */
const RANGES = {
  N: {
    green: [0.44, 0.66],
    blue: [0.14, 0.38],
    tessellation: [0, 0.3],
    crescent: [1.0, 1.2],
    fovea: [0.3, 0.55],
  },
  H: {
    green: [0.4, 0.6],
    blue: [0.12, 0.34],
    tessellation: [0.3, 0.65],
    crescent: [1.05, 1.45],
    fovea: [0.25, 0.5],
  },
  P: {
    green: [0.36, 0.58],
    blue: [0.08, 0.28],
    tessellation: [0.4, 1],
    crescent: [1.45, 2.3],
    fovea: [0, 0.3],
  },
} satisfies Record<FundusKind, Record<string, readonly [number, number]>>;

const within = (random: Random, [low, high]: readonly [number, number]) =>
  low + (high - low) * random.uniform();

/** Draws an eye of class `kind`. */
export function sampleEye(random: Random, kind: FundusKind): Eye {
  const ranges = RANGES[kind];
  const pathologic = kind === 'P';
  const discCentred = random.uniform() < 0.1;
  const discX = (discCentred ? -0.1 : -0.72) + 0.06 * random.normal();
  const discY = -0.04 + 0.07 * random.normal();
  const disc = {
    x: discX,
    y: discY,
    radius: within(random, pathologic ? [0.13, 0.19] : [0.12, 0.16]),
    aspect: within(random, pathologic ? [0.6, 0.92] : [0.82, 1]),
    tilt: (pathologic ? 0.4 : 0.1) * random.normal(),
    cup: within(random, pathologic ? [0.2, 0.45] : [0.25, 0.6]),
    color: [within(random, [225, 255]), within(random, [115, 160]), within(random, [60, 95])] as const,
  };
  const fovea = {
    x: discX + within(random, [0.66, 0.76]),
    y: discY + within(random, [0.03, 0.13]),
    radius: within(random, [0.1, 0.2]),
    depth: within(random, ranges.fovea),
  };
  const red = within(random, [80, 165]);
  return {
    mirrored: random.uniform() < 0.5,
    field: random.uniform() < 0.5 ? 0.497 : 0.514,
    disc,
    fovea,
    retina: [red, red * within(random, ranges.green), red * within(random, ranges.blue)],
    tessellation: within(random, ranges.tessellation),
    vesselContrast: within(random, pathologic ? [0.55, 0.9] : [0.7, 1]),
    diffuseAtrophy: pathologic ? within(random, [0, 0.6]) : 0,
    atrophies: [
      crescent(random, disc, within(random, ranges.crescent)),
      ...patches(random, fovea, pathologic),
    ],
    reflex: !pathologic && random.uniform() < 0.3 ? within(random, [0.3, 1]) : 0,
    light: { x: 0.25 * random.normal(), y: 0.2 * random.normal(), falloff: within(random, [0.25, 0.8]) },
    haze: {
      color: [within(random, [60, 110]), within(random, [85, 120]), within(random, [60, 115])],
      direction: 2 * Math.PI * random.uniform(),
      strength: within(random, pathologic ? [0, 0.45] : [0, 0.7]),
    },
    grain: within(random, [1.5, 4]),
  };
}

/** The atrophy beside the disc: a disc `scale` times as large, moved to the temporal side. */
function crescent(random: Random, disc: Eye['disc'], scale: number): Atrophy {
  const direction = 0.35 * random.normal();
  const radius = disc.radius * scale;
  // Moved by the difference of the radii it just meets the disc's nasal edge; moved less, it encircles the disc.
  const shift = (radius - disc.radius) * within(random, [0.6, 1.2]);
  return {
    x: disc.x + shift * Math.cos(direction),
    y: disc.y + shift * Math.sin(direction),
    radius,
    roughness: within(random, [0.15, 0.45]),
    color: paleColor(random),
    pigment: within(random, [0.3, 0.9]),
  };
}

/** Patches of atrophy around the fovea: none in a third of the pathologic eyes, else one to five. */
function patches(random: Random, fovea: Eye['fovea'], pathologic: boolean): Atrophy[] {
  const count = pathologic && random.uniform() < 0.67 ? 1 + random.integer(5) : 0;
  return Array.from({ length: count }, () => ({
    x: fovea.x + 0.3 * random.normal(),
    y: fovea.y + 0.28 * random.normal(),
    radius: 0.06 + 0.22 * random.uniform() ** 2,
    roughness: within(random, [0.4, 0.8]),
    color: paleColor(random),
    pigment: within(random, [0.3, 1]),
  }));
}

/** From the white of the sclera to the yellow of what is left of the choroid. */
function paleColor(random: Random): Rgb {
  const yellow = random.uniform();
  return [within(random, [215, 250]), 212 - 45 * yellow, 165 - 95 * yellow];
}
