/**
 * @file `fovea data inspect`
 */

import { Command } from 'commander';
import { counted } from '../../counted.ts';
import { MAX_PIXELS } from '../../data/image-header.ts';
import { HASH_BITS, SIMILAR_BITS } from '../../data/inspect/difference-hash.ts';
import { inspectSets, type NamedSet } from '../../data/inspect/inspect.ts';
import { type Picture, samplesPage } from '../../data/inspect/page.ts';
import { encodeJpeg } from '../../data/jpeg/encode-jpeg.ts';
import type { Sample } from '../../data/sample.ts';
import { writeFileAtomic } from '../../io/write-file.ts';
import { checkOutput, integer, MAX_PIXELS_HELP } from '../arguments.ts';
import { addLayoutOptions, checkPaths, type DataOptions } from '../data-sets.ts';
import { print } from '../output.ts';
import { reportLines, warningsOf } from './report-lines.ts';
import { setsToInspect } from './sets-to-inspect.ts';

interface Options extends DataOptions {
  readonly train: string;
  readonly json?: boolean;
  readonly page?: string;
  readonly similarBits: number;
  readonly maxPixels: number;
}

/** How many photographs of a class the page shows, of each set. */
const SHOWN = 12;
const JPEG_QUALITY = 80;

/** The command `data inspect`. */
export const inspectCommand = addLayoutOptions(
  new Command('inspect')
    .description('what data sets hold: classes, sizes, damaged files, copies, problems of tables')
    .requiredOption('--train <dir>', 'folder or archive of training photographs')
    .option('--val <dir>', 'folder or archive of validation photographs')
    .option('--labels <table>', 'table of the validation labels')
    .option('--table <file>', 'table of the training classes, with --layout table'),
)
  .option('--json', 'all of it as one object')
  .option('--page <file>', 'write a page with photographs of each class, in HTML')
  .option(
    '--similar-bits <n>',
    `in how many of ${HASH_BITS} bits the hashes of near-identical pictures may differ`,
    integer(0, HASH_BITS),
    SIMILAR_BITS,
  )
  .option('--max-pixels <n>', MAX_PIXELS_HELP, integer(1), MAX_PIXELS)
  .action(async (options: Options) => {
    await checkPaths(options);
    if (options.page !== undefined) await checkOutput('--page', options.page);
    const { sets, classes, problems } = await setsToInspect(options);
    const shown = options.page === undefined ? new Set<Sample>() : samplesToShow(sets, classes.length);
    const pictures: Picture[] = [];
    const report = await inspectSets(sets, classes, {
      bits: options.similarBits,
      maxPixels: options.maxPixels,
      onPixels: (set, sample, pixels, size) => {
        const { name, label } = sample;
        if (shown.has(sample))
          pictures.push({ set, label, name, jpeg: encodeJpeg(pixels, size, JPEG_QUALITY) });
      },
    });
    const warnings = warningsOf(report, problems);
    if (options.json) print(JSON.stringify({ ...report, tableProblems: problems, warnings }));
    else for (const line of reportLines(report, problems, warnings)) print(line);
    if (options.page === undefined) return;
    await writeFileAtomic(options.page, samplesPage(report, pictures, warnings));
    if (!options.json) print(`${options.page}: ${counted(pictures.length, 'photograph')}`);
  });

/** Some of each class of each set, spread over all of them. */
function samplesToShow(sets: readonly NamedSet[], classes: number): Set<Sample> {
  const shown = new Set<Sample>();
  for (const { samples } of sets)
    for (let label = 0; label < classes; label++) {
      const own = samples.filter((sample) => sample.label === label);
      const count = Math.min(SHOWN, own.length);
      for (let i = 0; i < count; i++) shown.add(own[Math.floor((i * own.length) / count)]!);
    }
  return shown;
}
