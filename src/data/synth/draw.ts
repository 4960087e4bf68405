/**
 * @file Draws a fundus photograph: layer upon layer, from the choroid at the back to the camera's light.
 *
 * The pictures are for trying the program and for tests. They show what tells the classes apart, after
 * K. Ohno-Matsui et al., "International photographic classification and grading system for myopic maculopathy",
 * Am. J. Ophthalmol. 159 (2015); they are no model of any patient's eye.
 */

import type { Random } from '../../random.ts';
import { type Eye, type FundusKind, type Rgb, sampleEye } from './eye.ts';
import { cords, createNoise, fractal, lerp, norm, smoothstep } from './noise.ts';
import { drawVessels } from './vessels.ts';

/** A drawn photograph. */
export interface FundusPhoto {
  /** `[size, size, 3]`, red first. */
  readonly rgb: Uint8Array;
  /** Where the fovea lies, in pixels from the left and from the top. */
  readonly fovea: { readonly x: number; readonly y: number };
}

/** A colour while layers are laid on it. */
type Paint = [red: number, green: number, blue: number];

/** Paints what lies at (x, y), in units of the field, onto `paint`. */
type Layer = (paint: Paint, x: number, y: number) => void;

/** Cells of the choroid's pattern around the eye. */
const CHOROID_CELLS = 56;

/**
 * Draws an eye of class `kind`: the same generator state gives the same photograph.
 *
 * @param size width and height, in pixels
 */
export function drawFundus(random: Random, kind: FundusKind, size: number): FundusPhoto {
  const eye = sampleEye(random, kind);
  const scale = eye.field * size;
  const vessels = drawVessels(random, eye, size, scale);
  const inner = [choroid(random, eye), macula(eye), atrophy(random, eye), opticDisc(eye)];
  const outer = [reflex(random, eye), light(eye), haze(eye)];
  const rgb = new Uint8Array(size * size * 3);
  const paint: Paint = [0, 0, 0];
  for (let row = 0; row < size; row++) {
    const y = (row + 0.5 - size / 2) / scale;
    for (let column = 0; column < size; column++) {
      const x = (column + 0.5 - size / 2) / scale;
      // The field's edge is one and a half pixels wide.
      const visible = smoothstep(0, 1.5, (1 - norm(x, y)) * scale);
      if (visible === 0) continue;
      [paint[0], paint[1], paint[2]] = eye.retina;
      for (const layer of inner) layer(paint, x, y);
      vessel(paint, eye, vessels[row * size + column]!);
      for (const layer of outer) layer(paint, x, y);
      const grain = eye.grain * nearlyNormal(random);
      const at = 3 * (row * size + (eye.mirrored ? size - 1 - column : column));
      for (let channel = 0; channel < 3; channel++) {
        rgb[at + channel] = Math.min(255, Math.max(0, visible * (paint[channel]! + grain)));
      }
    }
  }
  const foveaX = (eye.mirrored ? -1 : 1) * eye.fovea.x;
  return { rgb, fovea: { x: size / 2 + foveaX * scale, y: size / 2 + eye.fovea.y * scale } };
}

/** Pigment in uneven density, and the choroid's vessels, which run outwards, with dark gaps between them. */
function choroid(random: Random, { tessellation, disc, fovea }: Eye): Layer {
  const pigment = createNoise(random.uint32());
  const coarse = createNoise(random.uint32(), CHOROID_CELLS);
  const fine = createNoise(random.uint32());
  const centreX = (disc.x + fovea.x) / 2;
  return (paint, x, y) => {
    const density = fractal(pigment, 2.5 * x, 2.5 * y);
    shade(paint, 1 + 0.16 * density);
    const dx = x - centreX;
    const dy = y - fovea.y;
    const turn = Math.atan2(dy, dx) / (2 * Math.PI) + 0.5 + 0.012 * pigment(4 * x, 4 * y);
    const outward = 2.8 * Math.log(0.15 + norm(dx, dy));
    const long = cords(coarse(turn * CHOROID_CELLS, 1.3 * outward), 0.5);
    const short = cords(fine(13 * x + 1.5 * density, 13 * y), 0.4);
    const vessels = Math.min(1, 0.9 * long + 0.55 * short);
    const visible = tessellation * smoothstep(-0.7, 0.3, density + 0.4 * tessellation);
    paint[0] *= lerp(1, 0.62 + 0.58 * vessels, visible);
    paint[1] *= lerp(1, 0.45 + 0.6 * vessels, visible);
    paint[2] *= lerp(1, 0.4 + 0.45 * vessels, visible);
  };
}

/** The dark fovea, and diffuse atrophy around it. */
function macula({ fovea, diffuseAtrophy }: Eye): Layer {
  return (paint, x, y) => {
    const distance = (x - fovea.x) ** 2 + (y - fovea.y) ** 2;
    cover(paint, [215, 125, 45], 0.6 * diffuseAtrophy * Math.exp(-distance / 0.3));
    shade(paint, 1 - fovea.depth * Math.exp(-distance / fovea.radius ** 2));
    shade(paint, 1 - 0.25 * fovea.depth * Math.exp(-distance / 0.16));
  };
}

/** Pale areas with ragged borders and clumps of pigment, thickest along the border. */
function atrophy(random: Random, { atrophies }: Eye): Layer {
  const border = createNoise(random.uint32());
  const texture = createNoise(random.uint32());
  return (paint, x, y) => {
    for (const { x: centreX, y: centreY, radius, roughness, color, pigment } of atrophies) {
      const distance = norm(x - centreX, y - centreY) / radius;
      if (distance > 1 + roughness) continue;
      const edge =
        1 - distance + roughness * fractal(border, (0.4 * x) / radius + 3 * x, (0.4 * y) / radius + 3 * y);
      const pale = smoothstep(0, 0.22, edge);
      if (pale === 0) continue;
      const mottle = fractal(texture, 9 * x, 9 * y);
      cover(paint, color, pale * Math.min(1, 0.8 + 0.75 * mottle));
      const clumps = fractal(texture, 15 * y, 15 * x) + 0.55 * Math.exp(-4 * edge) - 0.9 + 0.75 * pigment;
      cover(paint, [48, 26, 12], 0.85 * pale * smoothstep(0, 0.35, clumps));
    }
  };
}

/** The optic disc: an ellipse, rosy at its rim, with the pale cup in it. */
function opticDisc({ disc }: Eye): Layer {
  const cosine = Math.cos(disc.tilt);
  const sine = Math.sin(disc.tilt);
  return (paint, x, y) => {
    const dx = x - disc.x;
    const dy = y - disc.y;
    const across = (cosine * dx + sine * dy) / (disc.radius * disc.aspect);
    const along = (cosine * dy - sine * dx) / disc.radius;
    const distance = norm(across, along);
    if (distance > 1.15) return;
    cover(paint, disc.color, 0.95 * smoothstep(1.1, 0.92, distance));
    const cup = norm(across - 0.12, along) / disc.cup;
    cover(paint, [252, 222, 165], 0.75 * smoothstep(1.4, 0.5, cup));
  };
}

/** A vessel of the retina, of the retina's own colour but darker. */
function vessel(paint: Paint, { retina, vesselContrast }: Eye, darkness: number): void {
  if (darkness === 0) return;
  cover(paint, [0.72 * retina[0], 0.36 * retina[1], 0.5 * retina[2]], 0.85 * vesselContrast * darkness);
}

/** Broken arcs of glare around the fovea. */
function reflex(random: Random, { fovea, reflex: strength }: Eye): Layer {
  const noise = createNoise(random.uint32());
  if (strength === 0) return () => {};
  return (paint, x, y) => {
    const ring = (norm(x - fovea.x, (y - fovea.y) * 1.2) - 0.27 - 0.06 * noise(3 * x, 3 * y)) / 0.05;
    const glare = Math.exp(-ring * ring) * smoothstep(0, 0.8, noise(7 * x, 7 * y));
    cover(paint, [190, 185, 150], 0.6 * strength * glare);
  };
}

/** The camera's light, brightest around one point. */
function light({ light: { x: lightX, y: lightY, falloff } }: Eye): Layer {
  return (paint, x, y) => shade(paint, 1.12 * Math.exp(-falloff * ((x - lightX) ** 2 + (y - lightY) ** 2)));
}

/** The veil at one side of the rim. */
function haze({ haze: { color, direction, strength } }: Eye): Layer {
  const cosine = Math.cos(direction);
  const sine = Math.sin(direction);
  return (paint, x, y) => {
    const towards = 0.5 * (cosine * x + sine * y) + 0.6 * norm(x, y);
    cover(paint, color, strength * smoothstep(0.45, 1.15, towards));
  };
}

/** Of mean 0 and standard deviation 1: the sum of the four bytes of a draw, faster than a true normal number. */
function nearlyNormal(random: Random): number {
  const word = random.uint32();
  const sum = (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24);
  return (sum - 510) / 147.8;
}

function shade(paint: Paint, factor: number): void {
  paint[0] *= factor;
  paint[1] *= factor;
  paint[2] *= factor;
}

function cover(paint: Paint, color: Rgb, opacity: number): void {
  paint[0] = lerp(paint[0], color[0], opacity);
  paint[1] = lerp(paint[1], color[1], opacity);
  paint[2] = lerp(paint[2], color[2], opacity);
}
