/** @file What is in data sets as one HTML page: counts, warnings, and some photographs of each class. Nothing is loaded from elsewhere. */

import { counted } from '../../counted.ts';
import { dataAddress, escaped } from '../../html.ts';
import { type DataReport, type SameReport, type SetReport, sameLine } from './inspect.ts';

/** A photograph to be shown. */
export interface Picture {
  readonly set: string;
  /** Its label. */
  readonly label: number;
  readonly name: string;
  /** A JPEG. */
  readonly jpeg: Uint8Array;
}

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; color: #22282e; background: #fff; margin: 0 auto; max-width: 1100px; padding: 1.5rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin-top: 2.5rem; border-top: 1px solid #d5dade; padding-top: 1rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; } h3 span { color: #5b6670; font-weight: normal; }
table { border-collapse: collapse; } th, td { padding: .15rem .9rem .15rem 0; text-align: right; } th:first-child, td:first-child { text-align: left; }
.warning { background: #fff4e0; border-left: 4px solid #dd6b20; padding: .5rem .8rem; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(130px, 1fr)); gap: .6rem; }
figure { margin: 0; } img { width: 100%; display: block; border-radius: 4px; }
figcaption { font-size: .75rem; color: #5b6670; overflow-wrap: anywhere; }
@media print { figure { break-inside: avoid; } }`;

/** The page. `warnings` are sentences, shown first. */
export function samplesPage(
  report: DataReport,
  pictures: readonly Picture[],
  warnings: readonly string[],
): string {
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>The data</title><style>${STYLE}</style></head><body>`,
    '<h1>The data</h1>',
    ...warnings.map((warning) => `<p class="warning">${escaped(warning)}</p>`),
    countsTable(report),
    ...report.sets.flatMap((set) => setSection(set, report.classes, pictures)),
    ...sameSection('Byte-identical files', report.identical),
    ...sameSection('Near-identical pictures', report.similar),
    '</body></html>\n',
  ].join('\n');
}

function countsTable({ classes, sets }: DataReport): string {
  const row = (cells: readonly (string | number)[], cell: string) =>
    `<tr>${cells.map((value) => `<${cell}>${escaped(String(value))}</${cell}>`).join('')}</tr>`;
  return [
    '<table>',
    row(['', ...sets.map(({ name }) => name)], 'th'),
    ...classes.map((name, label) => row([name, ...sets.map(({ counts }) => counts[label]!)], 'td')),
    row(['all', ...sets.map(({ photographs }) => photographs)], 'td'),
    '</table>',
  ].join('');
}

function setSection(set: SetReport, classes: readonly string[], pictures: readonly Picture[]): string[] {
  const own = pictures.filter((picture) => picture.set === set.name);
  return [
    `<h2>${escaped(set.name)}</h2>`,
    ...classes.flatMap((name, label) => [
      `<h3>${escaped(name)} <span>${counted(set.counts[label]!, 'photograph')}</span></h3>`,
      '<div class="pictures">',
      ...own.filter((picture) => picture.label === label).map(figureOf),
      '</div>',
    ]),
  ];
}

function figureOf({ name, jpeg }: Picture): string {
  const address = dataAddress('image/jpeg', jpeg);
  return `<figure><img alt="" src="${address}"><figcaption>${escaped(name)}</figcaption></figure>`;
}

function sameSection(title: string, groups: readonly SameReport[]): string[] {
  if (groups.length === 0) return [];
  const items = groups.map((group) => `<li>${escaped(sameLine(group))}</li>`);
  return [`<h2>${title}</h2>`, `<ul>${items.join('')}</ul>`];
}
