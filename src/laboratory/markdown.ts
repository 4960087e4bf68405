/**
 * @file Figures of an adapter as Markdown, to be pasted where people talk.
 */

import { checkArgument } from '../arguments.ts';
import type { Finding } from '../verify/certificate.ts';
import type { AdapterFigures } from './figures.ts';
import { ADAPTER_FIGURES } from './read-figures.ts';

/** Text in a cell of a table: somebody else's must end neither the cell nor the table, and be no HTML. */
export function cell(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*[\]<>|&~]/g, '\\$&');
}

/** A table whose cells are {@link cell}s already; columns of `numbers` are aligned at the right. */
export function markdownTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly number[] = [],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = headings.map((_, i) => (numbers.includes(i) ? '---:' : '---'));
  return [line(headings), line(rule), ...rows.map(line)].join('\n');
}

/** Three significant digits. */
export const digits = (value: number): string =>
  value >= 1000 ? value.toFixed(0) : `${Number(value.toPrecision(3))}`;

const milliseconds = (value: number) => `${digits(value)} ms`;
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
const exponential = (value: number) => (Number.isFinite(value) ? value.toExponential(1) : 'no number');
const heading = (text: string, ...parts: string[]) => [`## ${text}`, ...parts].join('\n\n');

/** Figures of an adapter in tables, with headings. Throws 'invalid-argument' for what is no figures. */
export function adapterFiguresMarkdown(figures: AdapterFigures): string {
  checkArgument('the figures of adapterFiguresMarkdown', figures, ADAPTER_FIGURES);
  const { adapter, runtime, machine, fovea, date, seconds, quick, stopped, failed } = figures;
  const about = [
    `fovea ${cell(fovea)}, in ${cell(runtime)}${machine ? `, ${cell(machine)}` : ''}`,
    `${date}, ${seconds.toFixed(0)} seconds`,
    ...(quick ? ['Only a little was measured, to see that it works: not to be compared.'] : []),
    ...(stopped ? ['Stopped before all was measured.'] : []),
    ...failed.map(({ part, message }) => `Not measured: ${part}: ${cell(message)}`),
  ];
  const parts = [cardOf, certificateOf, gradientsOf, convolutionsOf, stepsOf, tuningOf];
  const sections = parts.map((part) => part(figures)).filter((section) => section !== undefined);
  return [`# ${cell(adapter.name)}`, about.join('  \n'), ...sections].join('\n\n').concat('\n');
}

function cardOf({ adapter, choices }: AdapterFigures): string {
  const { vendor, architecture, software, features, readableTextures, subgroupSizes, limits } = adapter;
  const facts = [
    ['vendor, architecture', `${vendor || 'not told'}, ${architecture || 'not told'}`],
    ['computes on', software ? 'the CPU' : 'a GPU'],
    ['features', features.join(', ') || 'none'],
    ['subgroups', subgroupSizes[1] === 0 ? 'none' : `${subgroupSizes.join(' to ')} lanes`],
    ['readable storage textures', readableTextures ? 'yes' : 'no'],
    ...Object.entries(limits).map(([limit, value]) => [limit, `${value}`]),
  ];
  const chosen = choices.map(({ what, chosen, why }) => [what, chosen, why].map(cell));
  return heading(
    'The adapter',
    markdownTable(
      ['', ''],
      facts.map((row) => row.map(cell)),
    ),
    markdownTable(['what', 'fovea chose', 'why'], chosen),
  );
}

function certificateOf({ certificate }: AdapterFigures): string | undefined {
  if (!certificate) return undefined;
  const { passed, struck, algorithms, ops, training } = certificate;
  const row = (name: string, { error, bound, passed, about }: Finding) => [
    ...[cell(name), exponential(error), exponential(bound), passed ? 'ok' : '**wrong**', cell(about)],
  ];
  const rows = [
    ...algorithms.map((found) => row(`${found.algorithm}, ${found.pass}`, found)),
    ...ops.map((found) => row(found.op, found)),
    row('training', training),
  ];
  const wrong = struck.length > 0 ? ` Wrong here, and not used: ${cell(struck.join(', '))}.` : '';
  return heading(
    'Certificate',
    `${passed ? 'Passed.' : '**Failed.**'}${wrong}`,
    markdownTable(['', 'relative error', 'at most', '', 'the worst result'], rows, [1, 2]),
  );
}

function gradientsOf({ gradients }: AdapterFigures): string | undefined {
  if (!gradients) return undefined;
  const rows = gradients.ops.map(({ op, ok, worst, compared }) => [
    ...[cell(op), exponential(worst), `${compared}`, ok ? 'ok' : '**wrong**'],
  ]);
  return heading(
    'Gradients against finite differences',
    `At most ${exponential(gradients.tolerance)} of the largest gradient.`,
    markdownTable(['op', 'error', 'elements', ''], rows, [1, 2]),
  );
}

function convolutionsOf({ convolutions }: AdapterFigures): string | undefined {
  if (!convolutions) return undefined;
  const { ceiling, timedBy, passes } = convolutions;
  const rows = passes.map((found) => [
    ...[cell(found.name), cell(found.geometry), found.pass, cell(found.algorithm)],
    ...[digits(found.milliseconds), digits(found.gigaflops), percent(found.gigaflops / ceiling)],
  ]);
  const headings = ['', 'convolution', 'pass', 'algorithm', 'ms', 'GFLOP/s', 'of the ceiling'];
  return heading(
    'Convolutions of ResNet-50',
    `Ceiling: ${digits(ceiling)} GFLOP/s. Timed by ${timedBy === 'clock' ? 'the clock' : 'timestamps'}.`,
    markdownTable(headings, rows, [4, 5, 6]),
  );
}

function stepsOf({ steps }: AdapterFigures): string | undefined {
  if (!steps || steps.length === 0) return undefined;
  return steps
    .map(({ layers, size, batch, ...step }) => {
      const total = step.kernels.reduce((sum, kernel) => sum + kernel.milliseconds, 0);
      const rows = step.kernels.map((kernel) => [
        ...[cell(kernel.name), `${kernel.dispatches}`, digits(kernel.milliseconds)],
        percent(kernel.milliseconds / total),
      ]);
      const words =
        `${milliseconds(step.milliseconds)} a step, of it ${milliseconds(step.javascript)} JavaScript; ` +
        `${digits(step.dispatches)} dispatches in ${digits(step.submits)} submits; compiled in ${milliseconds(step.compile)}; ` +
        `${digits(step.peakBytes / 2 ** 20)} MiB at the peak.`;
      const table = markdownTable(['kernel', 'dispatches', 'ms', 'share'], rows, [1, 2, 3]);
      const title = `Training step: ResNet-${layers}, ${size} × ${size}, batch ${batch}`;
      return heading(title, words, ...(rows.length > 0 ? [table] : []));
    })
    .join('\n\n');
}

function tuningOf({ tuning }: AdapterFigures): string | undefined {
  if (!tuning) return undefined;
  const { passes, total, seconds, before, after, size, batch } = tuning;
  const changed = passes.filter(({ heuristic, chosen }) => heuristic !== chosen);
  const rows = changed.map((found) => [
    ...[cell(found.geometry), found.pass, cell(found.heuristic), cell(found.chosen)],
    ...[digits(found.before), digits(found.after)],
  ]);
  const words =
    `A step at ${size} × ${size}, batch ${batch}: ${milliseconds(before)} before, ${milliseconds(after)} after. ` +
    `${passes.length} of ${total} passes were measured in ${seconds.toFixed(0)} seconds, ${changed.length} changed.`;
  const headings = ['convolution', 'pass', 'heuristics', 'tuned', 'ms before', 'ms after'];
  return heading('Tuning', words, ...(rows.length > 0 ? [markdownTable(headings, rows, [4, 5])] : []));
}
