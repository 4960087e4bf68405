/**
 * @file A linear axis: positions, ticks at round numbers, and how these are written.
 */

/** Maps numbers of a domain to positions in pixels. */
export interface LinearScale {
  readonly domain: readonly [number, number];
  readonly range: readonly [number, number];
  /** The position of a value; values outside of the domain take the nearest end where the scale is clamped. */
  position(value: number): number;
}

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];

/** A scale from `domain`, whose ends differ, to `range`. */
export function linearScale(
  domain: readonly [number, number],
  range: readonly [number, number],
  clamp = false,
): LinearScale {
  const [low, high] = domain;
  const [start, end] = range;
  return {
    domain,
    range,
    position: (value) => {
      const share = (value - low) / (high - low);
      return start + (clamp ? Math.min(Math.max(share, 0), 1) : share) * (end - start);
    },
  };
}

/** The power of ten, twice or five times it, that takes about `count` steps through a domain; as a mantissa and an exponent. */
function tickStep(
  [low, high]: readonly [number, number],
  count: number,
): [mantissa: number, exponent: number] {
  const wanted = (high - low) / Math.max(1, count);
  const exponent = Math.floor(Math.log10(wanted));
  const excess = wanted / 10 ** exponent;
  // Between two steps the geometric mean decides.
  if (excess >= Math.sqrt(50)) return [1, exponent + 1];
  return [excess >= Math.sqrt(10) ? 5 : excess >= Math.sqrt(2) ? 2 : 1, exponent];
}

/** About `count` round numbers within a domain, at equal distances. */
export function ticksOf(domain: readonly [number, number], count: number): number[] {
  const [mantissa, exponent] = tickStep(domain, count);
  // A negative power of ten is not exact; dividing by a positive one rounds once.
  const value = (i: number) =>
    exponent < 0 ? (i * mantissa) / 10 ** -exponent : i * mantissa * 10 ** exponent;
  const step = value(1);
  const first = Math.ceil(domain[0] / step);
  const last = Math.floor(domain[1] / step);
  return Array.from({ length: last - first + 1 }, (_, i) => value(first + i));
}

/** How ticks of a domain are written: with the decimals that tell them apart. */
export function tickFormat(domain: readonly [number, number], count: number): (tick: number) => string {
  const digits = Math.max(0, -tickStep(domain, count)[1]);
  return (tick) =>
    tick.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A large tick in three digits and a letter for a power of ten: `1.5M`. */
export function compactTick(tick: number): string {
  const thousands = Math.floor(Math.log10(Math.max(1, Math.abs(tick))) / 3);
  const prefix = Math.min(thousands, PREFIXES.length - 1);
  return `${Number((tick / 1000 ** prefix).toPrecision(6))}${PREFIXES[prefix]}`;
}
