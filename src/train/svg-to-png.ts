/** @file Renders an SVG to a PNG (Node), with a font that comes along: a container often has none. */

import { checkArgument, STRING, whole } from '../arguments.ts';
import { importInstalled, requireFromHere } from '../device/node/installed-package.ts';
import { FoveaError } from '../errors.ts';

const RENDERER = '@resvg/resvg-js';
const FONT_PACKAGE = '@expo-google-fonts/questrial';

/** In pixels of four bytes: a square picture of this width takes a gigabyte. */
const WIDTH = whole(1, 2 ** 14);

/**
 * The PNG file of `svg`, scaled to `width` pixels. All text is set in Questrial, whatever fonts the machine
 * has, so that a picture looks the same everywhere. Rejects with 'unsupported' where the renderer, machine code in npm's
 * optional dependencies, does not load or the font is not installed, and 'invalid-argument' where it cannot render the SVG, or not so wide.
 */
export async function svgToPng(svg: string, width: number): Promise<Uint8Array> {
  checkArgument('the svg of svgToPng', svg, STRING);
  checkArgument('the width of svgToPng', width, WIDTH);
  const { Resvg } = await importRenderer();
  const fontFile = findFont();
  try {
    const image = new Resvg(svg, {
      fitTo: { mode: 'width', value: width },
      font: { fontFiles: [fontFile], loadSystemFonts: false, defaultFontFamily: 'Questrial' },
    });
    return image.render().asPng();
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new FoveaError('invalid-argument', `this SVG cannot be rendered: ${reason}`, { cause });
  }
}

function findFont(): string {
  try {
    return requireFromHere().resolve(`${FONT_PACKAGE}/400Regular/Questrial_400Regular.ttf`);
  } catch (cause) {
    throw new FoveaError('unsupported', `the font of PNGs is missing: npm install ${FONT_PACKAGE}`, {
      cause,
    });
  }
}

/** Loaded when a picture is asked for, since all else works without it. */
async function importRenderer(): Promise<typeof import('@resvg/resvg-js')> {
  try {
    return await importInstalled(RENDERER);
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new FoveaError(
      'unsupported',
      `the renderer of PNGs does not load: npm install --include=optional ${RENDERER} (${reason})`,
      { cause },
    );
  }
}
