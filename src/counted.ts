/** @file Counts with what they count. */

/** `1 photograph`, `2 photographs`. `plural` is for what takes more than an s: `counted(n, 'image has', 'images have')`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}
