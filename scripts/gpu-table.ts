/**
 * @file The table of adapters in `docs/gpus/README.md`, made of the figures that lie beside it.
 */

import { PASSES, type Pass } from '../src/kernels/conv2d/passes.ts';
import type { AdapterFigures, ConvolutionFigures } from '../src/laboratory/figures.ts';
import { cell, digits, markdownTable } from '../src/laboratory/markdown.ts';

/** Between these lines of the page the table stands. */
const [BEGINNING, END] = ['<!-- table -->', '<!-- /table -->'];

const HEADINGS = [
  ...['adapter', 'where', '`verify`', 'worst gradient', 'ceiling, GFLOP/s'],
  ...['convolutions, GFLOP/s', 'step at 64², ms', 'step at 224², ms', '`tune`', 'fovea'],
];
/** Which of them are numbers. */
const NUMBERS = [3, 4, 5, 6, 7, 8];

/** `page` with the table of these figures, by the names of their files. */
export function withTable(page: string, files: ReadonlyMap<string, AdapterFigures>): string {
  const [start, end] = [page.indexOf(BEGINNING), page.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`The page lacks the lines ${BEGINNING} and ${END}.`);
  const rows = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([file, figures]) => rowOf(figures, file));
  const table = markdownTable(HEADINGS, rows, NUMBERS);
  return `${page.slice(0, start + BEGINNING.length)}\n\n${table}\n\n${page.slice(end)}`;
}

/** A row of the table. */
export function rowOf(figures: AdapterFigures, file: string): string[] {
  const { adapter, runtime, machine, certificate, gradients, convolutions, steps, tuning, fovea } = figures;
  const worst = gradients?.ops.reduce((most, found) => Math.max(most, found.worst), 0);
  const step = (size: number) => steps?.find((found) => found.size === size)?.milliseconds;
  const speed = (value: number | undefined) => (value === undefined ? '' : digits(value));
  return [
    `[${cell(adapter.name)}](${encodeURIComponent(file)})`,
    cell([runtimeWords(runtime), machine].filter(Boolean).join(', ')),
    certificate ? (certificate.passed ? 'passed' : '**failed**') : '',
    worst === undefined ? '' : worst.toExponential(1),
    speed(convolutions?.ceiling),
    convolutions ? PASSES.map((pass) => speed(meanGigaflops(convolutions, pass))).join(' / ') : '',
    ...[speed(step(64)), speed(step(224))],
    tuning && tuning.after > 0 ? `${digits(tuning.before / tuning.after)}×` : '',
    cell(fovea),
  ];
}

/** The geometric mean over the convolutions; undefined where none was measured. */
function meanGigaflops({ passes }: ConvolutionFigures, pass: Pass): number | undefined {
  const found = passes.filter((figure) => figure.pass === pass);
  if (found.length === 0) return undefined;
  return Math.exp(found.reduce((sum, { gigaflops }) => sum + Math.log(gigaflops), 0) / found.length);
}

/** What browsers call themselves; the last of a user agent's names is the one that is meant. */
const BROWSERS = new Map([
  ['Chrome', 'Chrome'],
  ['Firefox', 'Firefox'],
  ['Version', 'Safari'],
  ['Edg', 'Edge'],
  ['OPR', 'Opera'],
]);

/** Which browser on which system a user agent stands for; of what is none, such as `Node.js 22.11.0`, nothing is left out. */
export function runtimeWords(runtime: string): string {
  const named = [...runtime.matchAll(/(Chrome|Firefox|Version|Edg|OPR)\/(\d+)/g)].at(-1);
  const system = /Windows|Android \d+|iPhone|iPad|Mac OS X|CrOS|Linux/.exec(runtime)?.[0];
  return named && system ? `${BROWSERS.get(named[1]!)} ${named[2]} on ${system}` : runtime;
}
