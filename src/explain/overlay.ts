/**
 * @file Draws a map over its image.
 */

import {
  between,
  checkArgument,
  checkOptions,
  checkProperties,
  FLOATS,
  type OptionRules,
  required,
  whole,
} from '../arguments.ts';
import { CHANNELS, IMAGE, type Image } from '../data/image.ts';
import { check } from '../errors.ts';
import { COLORS, colorTable } from './color-map.ts';
import type { ActivationMap } from './grad-cam.ts';

/** How {@link overlayMap} draws. */
export interface OverlayOptions {
  /** How much the colours cover of the image where the map is 1, from 0 to 1; 0.6 by default. */
  readonly opacity?: number;
}

/** What is drawn of an {@link ActivationMap}. */
export type DrawnMap = Pick<ActivationMap, 'width' | 'height' | 'values'>;

const SHARE = between(0, 1);
const OPTIONS: OptionRules<OverlayOptions> = { opacity: SHARE };
const MAP: OptionRules<DrawnMap> = {
  width: required(whole(1)),
  height: required(whole(1)),
  values: required(FLOATS),
};

/**
 * `image` under the colours of `map`: the greater a value, the lighter its colour, from dark violet over green to light yellow, and the
 * more it covers of the image, up to `opacity`. Where the map is 0 the image stays as it is. The map, of whatever size, is stretched over
 * the image bilinearly. Throws 'invalid-argument' for a malformed image or map or values outside [0, 1],
 * 'shape-mismatch' where their data are not as long as their sizes say.
 *
 *     const [map] = await gradCam(model, images, { layer: 'bb_3_2' });
 *     await writeFile('map.png', encodePng(overlayMap(photograph, map)));
 */
export function overlayMap(image: Image, map: DrawnMap, options: OverlayOptions = {}): Image {
  checkProperties('the image of overlayMap', image, IMAGE);
  checkProperties('the map of overlayMap', map, MAP);
  checkOptions('overlayMap', options, OPTIONS);
  const { opacity = 0.6 } = options;
  const { width, height, order } = image;
  check(image.data.length === width * height * CHANNELS, 'shape-mismatch', () => {
    return `overlayMap: an image of ${width}×${height} pixels has ${CHANNELS} bytes each, but its data has ${image.data.length}`;
  });
  check(map.values.length === map.width * map.height, 'shape-mismatch', () => {
    return `overlayMap: a map of ${map.width}×${map.height} has as many values, but this one has ${map.values.length}`;
  });
  for (const value of map.values) checkArgument('a value of the map of overlayMap', value, SHARE);
  const colors = colorTable(order);
  const data = new Uint8Array(image.data.length);
  let at = 0;
  for (const value of stretched(map, width, height)) {
    const color = CHANNELS * Math.round(value * (COLORS - 1));
    for (let channel = 0; channel < CHANNELS; channel++, at++) {
      const pixel = image.data[at]!;
      data[at] = Math.round(pixel + (colors[color + channel]! - pixel) * opacity * value);
    }
  }
  return { ...image, data };
}

/** The values of a map for `width` × `height` pixels, row after row. */
function* stretched(map: DrawnMap, width: number, height: number): Generator<number> {
  const columns = placesOf(map.width, width);
  for (const { first, second, fraction } of placesOf(map.height, height)) {
    const row = Float32Array.from({ length: map.width }, (_, x) => {
      const above = map.values[first * map.width + x]!;
      return above + (map.values[second * map.width + x]! - above) * fraction;
    });
    for (const { first, second, fraction } of columns)
      yield row[first]! + (row[second]! - row[first]!) * fraction;
  }
}

/** For each of `to` pixels the two places of a map that it lies between, as PyTorch's `interpolate` has it. */
function placesOf(from: number, to: number): { first: number; second: number; fraction: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const place = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const first = Math.floor(place);
    return { first, second: Math.min(first + 1, from - 1), fraction: place - first };
  });
}
