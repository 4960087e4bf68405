/**
 * @file The values of a tensor as text, as NumPy prints an array.
 *
 * Numbers are written with the fewest digits that tell them from their neighbours, at most eight after the point, and padded so
 * that their points stand below each other. `numpy.array2string` and its `FloatingFormat` are the model.
 */

import type { Shape } from '../shape/shape.ts';
import type { DType, TensorData } from './values.ts';

/** More elements than these are shown by the first and the last {@link EDGE} of each axis. */
const MOST_ELEMENTS = 1000;
const EDGE = 3;
const LINE_WIDTH = 75;
const MOST_DIGITS = 8;
const ELLIPSIS = '...';

/** `values` of shape `shape` in nested brackets. */
export function formatValues(values: TensorData, shape: Shape, dtype: DType): string {
  if (values.length === 0) return `[] of shape [${shape.join(', ')}]`;
  const shown = shownIndexes(shape, values.length > MOST_ELEMENTS);
  const numbers = elementsAt(values, shape, shown);
  const write = dtype === 'f32' ? floatFormat(numbers) : integerFormat(numbers);
  const visit = (axis: number, offset: number): string => {
    if (axis === shape.length) return write(values[offset]!);
    const stride = shape.slice(axis + 1).reduce((product, extent) => product * extent, 1);
    const parts = shown[axis]!.map((i) =>
      i === undefined ? ELLIPSIS : visit(axis + 1, offset + i * stride),
    );
    const indent = ' '.repeat(axis + 1);
    const isInnermost = axis === shape.length - 1;
    const between = `${'\n'.repeat(shape.length - axis - 1)}${indent}`;
    return `[${isInnermost ? wrap(parts, indent) : parts.join(between)}]`;
  };
  return visit(0, 0);
}

/** The indexes shown along each axis; undefined stands for those left out. */
function shownIndexes(shape: Shape, summarized: boolean): (number | undefined)[][] {
  return shape.map((extent) => {
    const all = Array.from({ length: extent }, (_, i) => i);
    if (!summarized || extent <= 2 * EDGE) return all;
    return [...all.slice(0, EDGE), undefined, ...all.slice(-EDGE)];
  });
}

function elementsAt(values: TensorData, shape: Shape, shown: readonly (number | undefined)[][]): number[] {
  let offsets = [0];
  shape.forEach((extent, axis) => {
    const indexes = shown[axis]!.filter((i) => i !== undefined);
    offsets = offsets.flatMap((offset) => indexes.map((i) => offset * extent + i));
  });
  return offsets.map((offset) => values[offset]!);
}

/** The numbers of a row, in as many lines as it takes; there is room for as many brackets at the end as at the beginning. */
function wrap(words: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && indent.length + line.length + word.length > LINE_WIDTH - indent.length) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += `${word} `;
  }
  return [...lines, line.slice(0, -1)].join(`\n${indent}`);
}

function integerFormat(numbers: readonly number[]): (x: number) => string {
  const width = Math.max(...numbers.map((x) => String(x).length));
  return (x) => String(x).padStart(width);
}

function floatFormat(numbers: readonly number[]): (x: number) => string {
  const finite = numbers.filter(Number.isFinite);
  const sizes = finite.map(Math.abs).filter((x) => x > 0);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const scientific = sizes.length > 0 && (most >= 1e6 || least < 1e-4 || most / least > 1000);
  const digits = Math.max(0, ...finite.map((x) => (scientific ? mantissaDigits(x) : decimals(x))));
  const words = (x: number) => (scientific ? writeScientific(x, digits) : writeFixed(x, digits));
  const width = Math.max(...numbers.map((x) => (Number.isFinite(x) ? words(x) : nonFinite(x)).length));
  return (x) => (Number.isFinite(x) ? words(x) : nonFinite(x)).padStart(width);
}

const nonFinite = (x: number) => (Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf');

/** The shortest decimal number that rounds to the f32 `x`, in scientific notation. */
function shortest(x: number): string {
  for (let digits = 0; digits < 9; digits++) {
    const text = x.toExponential(digits);
    if (Math.fround(Number(text)) === x) return text;
  }
  return x.toExponential(MOST_DIGITS);
}

const mantissaDigits = (x: number): number => /\.(\d+)e/.exec(shortest(x))?.[1]?.length ?? 0;

function decimals(x: number): number {
  const exponent = Number(shortest(x).split('e')[1]);
  return Math.min(MOST_DIGITS, Math.max(0, mantissaDigits(x) - exponent));
}

/** With zeros at the end as spaces: `1.5 ` below `1.25`. */
function writeFixed(x: number, digits: number): string {
  const digitsOfX = decimals(x);
  // Where all of the shortest digits fit, others of the f32 number must not show.
  const text = (digitsOfX < MOST_DIGITS ? Number(shortest(x)) : x).toFixed(digitsOfX);
  const [whole, fraction = ''] = text.split('.') as [string, string?];
  return `${signed(x, whole)}.${fraction.replace(/0+$/, '').padEnd(digits)}`;
}

function writeScientific(x: number, digits: number): string {
  const [mantissa, exponent] = x.toExponential(digits).split('e') as [string, string];
  const point = digits === 0 ? '.' : '';
  const sign = exponent.startsWith('-') ? '-' : '+';
  return signed(x, `${mantissa}${point}e${sign}${exponent.slice(1).padStart(2, '0')}`);
}

/** The text of a number, which JavaScript writes without the sign of −0. */
const signed = (x: number, text: string) => (Object.is(x, -0) ? `-${text}` : text);
