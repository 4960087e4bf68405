/**
 * @file Saves what was drawn.
 */

import { download } from '../take-away/download.ts';

/** Hands a canvas to the browser as a PNG to keep. */
export function savePng(canvas: HTMLCanvasElement, name: string): void {
  canvas.toBlob((png) => {
    if (png) download(png, name);
  }, 'image/png');
}
