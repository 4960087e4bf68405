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
  /** How much the colours cover of the image, from 0 to 1; 0.5 by default. */
  readonly opacity?: number;
}

const OPTIONS: OptionRules<OverlayOptions> = { opacity: between(0, 1) };
const MAP: OptionRules<Pick<ActivationMap, 'width' | 'height' | 'values'>> = {
  width: required(whole(1)),
  height: required(whole(1)),
  values: required(FLOATS),
};

/**
 * `image` under the colours of `map`, of which 0 is dark violet, the middle green and 1 light yellow; equal steps look equally large. The
 * map, of whatever size, is stretched over the image bilinearly. Throws 'invalid-argument' for a malformed image or map or values outside
 * [0, 1], 'shape-mismatch' where their data are not as long as their sizes say.
 *
 *     const [map] = await gradCam(model, images, { layer: 'bb_3_2' });
 *     await writeFile('map.png', encodePng(overlayMap(photograph, map)));
 */
export function overlayMap(
  image: Image,
  map: Pick<ActivationMap, 'width' | 'height' | 'values'>,
  options: OverlayOptions = {},
): Image {
  checkProperties('the image of overlayMap', image, IMAGE);
  checkProperties('the map of overlayMap', map, MAP);
  checkOptions('overlayMap', options, OPTIONS);
  const { opacity = 0.5 } = options;
  const { width, height, order } = image;
  check(image.data.length === width * height * CHANNELS, 'shape-mismatch', () => {
    return `overlayMap: an image of ${width}×${height} pixels has ${CHANNELS} bytes each, but its data has ${image.data.length}`;
  });
  check(map.values.length === map.width * map.height, 'shape-mismatch', () => {
    return `overlayMap: a map of ${map.width}×${map.height} has as many values, but this one has ${map.values.length}`;
  });
  for (const value of map.values) checkArgument('a value of the map of overlayMap', value, between(0, 1));
  const colors = colorTable();
  const [red, blue] = order === 'rgb' ? [0, 2] : [2, 0];
  const data = new Uint8Array(image.data.length);
  const columns = placesOf(map.width, width);
  let to = 0;
  for (const { first, second, fraction } of placesOf(map.height, height)) {
    const row = Float32Array.from({ length: map.width }, (_, x) => {
      const above = map.values[first * map.width + x]!;
      return above + (map.values[second * map.width + x]! - above) * fraction;
    });
    for (const column of columns) {
      const left = row[column.first]!;
      const value = left + (row[column.second]! - left) * column.fraction;
      const color = CHANNELS * Math.round(value * (COLORS - 1));
      for (const [from, channel] of [
        [0, red],
        [1, 1],
        [2, blue],
      ]) {
        const pixel = image.data[to + channel!]!;
        data[to + channel!] = Math.round(pixel + (colors[color + from!]! - pixel) * opacity);
      }
      to += CHANNELS;
    }
  }
  return { ...image, data };
}

/** For each of `to` pixels the two places of a map that it lies between, as PyTorch's `interpolate` has it. */
function placesOf(from: number, to: number): { first: number; second: number; fraction: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const place = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    const first = Math.floor(place);
    return { first, second: Math.min(first + 1, from - 1), fraction: place - first };
  });
}
