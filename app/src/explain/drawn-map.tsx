/** @file A photograph under the heat of a class. */

import { type ActivationMap, type Image, overlayMap } from 'fovea';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import './explain.css';

/** What is drawn. */
export interface DrawnMapProps {
  readonly image: Image;
  readonly map: ActivationMap;
  readonly opacity: number;
  /** What who does not see it is told. */
  readonly description: string;
  readonly canvas?: RefObject<HTMLCanvasElement | null>;
}

/** Draws it, and again as the opacity changes. */
export function DrawnMap({ image, map, opacity, description, canvas }: DrawnMapProps) {
  const own = useRef<HTMLCanvasElement>(null);
  const target = canvas ?? own;
  useEffect(() => {
    const { width, height, data } = overlayMap(image, map, { opacity });
    const rgba = new ImageData(width, height);
    for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
      rgba.data.set(data.subarray(from, from + 3), to);
      rgba.data[to + 3] = 255;
    }
    target.current?.getContext('2d')?.putImageData(rgba, 0, 0);
  }, [image, map, opacity]);
  return (
    <canvas
      ref={target}
      class="heat"
      width={image.width}
      height={image.height}
      role="img"
      aria-label={description}
    />
  );
}
