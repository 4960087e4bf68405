/**
 * @file Whether the size of a photograph gives its class away: a network that is shown scaled photographs may still see it, by their
 * sharpness for instance, and learn the camera in place of what it took.
 */

/** A photograph's size in pixels, and its class. */
export interface SizedLabel {
  readonly width: number;
  readonly height: number;
  readonly label: number;
}

/** How well sizes tell classes apart. */
export interface SizeRule {
  /** The share of photographs whose class is the commonest among the others of about the same size. */
  readonly bySize: number;
  /** The share of the photographs whose class is the commonest of all. */
  readonly byCommonest: number;
  /** Whether size tells more than chance would: by 5 points and three standard errors. */
  readonly givesAway: boolean;
}

/** How many others a photograph is compared with, at least; those of equal size count all. */
const NEIGHBOURS = 9;
/** Sizes within 2 % count as equal. */
const STEP = 0.02;
const LEAST_GAIN = 0.05;
const STANDARD_ERRORS = 3;

/**
 * Predicts each photograph's class from those of the others by their sizes alone: by the nearest sizes, in the logarithms of width and
 * height, until nine others or more have spoken.
 */
export function sizeRule(photographs: readonly SizedLabel[]): SizeRule {
  const total = photographs.length;
  const sizes = countsBySize(photographs);
  const all = countsOf(photographs.map(({ label }) => label));
  const byCommonest = Math.max(0, ...all.values()) / total;
  let hits = 0;
  for (const size of sizes) {
    const nearest = byDistance(sizes, size);
    for (const [label, count] of size.counts) if (labelBySize(nearest, label) === label) hits += count;
  }
  const bySize = hits / total;
  const error = Math.sqrt((byCommonest * (1 - byCommonest)) / total);
  return {
    bySize,
    byCommonest,
    givesAway: bySize - byCommonest > Math.max(LEAST_GAIN, STANDARD_ERRORS * error),
  };
}

interface Size {
  readonly x: number;
  readonly y: number;
  readonly counts: Map<number, number>;
}

function countsBySize(photographs: readonly SizedLabel[]): Size[] {
  const sizes = new Map<string, Size>();
  for (const { width, height, label } of photographs) {
    const [x, y] = [width, height].map((pixels) => Math.round(Math.log(pixels) / STEP)) as [number, number];
    const key = `${x},${y}`;
    const size = sizes.get(key) ?? { x, y, counts: new Map<number, number>() };
    sizes.set(key, size);
    size.counts.set(label, (size.counts.get(label) ?? 0) + 1);
  }
  return [...sizes.values()];
}

interface Neighbour {
  readonly size: Size;
  readonly distance: number;
}

/** All sizes, the nearest to `own` first, which is itself. */
function byDistance(sizes: readonly Size[], own: Size): Neighbour[] {
  const distance = ({ x, y }: Size) => Math.max(Math.abs(x - own.x), Math.abs(y - own.y));
  return sizes.map((size) => ({ size, distance: distance(size) })).sort((a, b) => a.distance - b.distance);
}

/** The commonest label among the nearest, a photograph of `label` at the first of them left out. */
function labelBySize(nearest: readonly Neighbour[], label: number): number {
  const votes = new Map<number, number>([[label, -1]]);
  let voters = -1;
  let reach = 0;
  for (const { size, distance } of nearest) {
    if (voters >= NEIGHBOURS && distance > reach) break;
    reach = distance;
    for (const [other, count] of size.counts) {
      votes.set(other, (votes.get(other) ?? 0) + count);
      voters += count;
    }
  }
  return [...votes].reduce((best, vote) => (vote[1] > best[1] ? vote : best))[0];
}

function countsOf(labels: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}
