/**
 * @file Hands a file to the browser to keep.
 */

/** How long the address is kept for the browser to begin, in milliseconds. */
const KEPT = 60_000;

/** Saves `content` where the browser puts downloads, under a name that every system takes. */
export function download(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name.replaceAll(/[\\/:*?"<>|\s]+/g, '-');
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT);
}
