/** @file Renders an SVG to a PNG (Node), with a font that comes along: a container often has none. */

import { createRequire } from 'node:module';
import { Resvg } from '@resvg/resvg-js';

const FONT_FILE = '@expo-google-fonts/questrial/400Regular/Questrial_400Regular.ttf';

/**
 * The PNG file of `svg`, scaled to `width` pixels. All text is set in Questrial, whatever fonts the machine
 * has, so that a picture looks the same everywhere.
 */
export function svgToPng(svg: string, width: number): Uint8Array {
  const fontFile = createRequire(import.meta.url).resolve(FONT_FILE);
  const image = new Resvg(svg, {
    fitTo: { mode: 'width', value: width },
    font: { fontFiles: [fontFile], loadSystemFonts: false, defaultFontFamily: 'Questrial' },
  });
  return image.render().asPng();
}
