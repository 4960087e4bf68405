/**
 * @file `fovea explain`
 */

import { mkdir, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { decodeImage } from '../data/decode.ts';
import { maxFileBytes } from '../data/image-header.ts';
import { encodePng } from '../data/png/encode-png.ts';
import type { Sample } from '../data/sample.ts';
import type { AdapterKind } from '../device/adapter-source.ts';
import { check } from '../errors.ts';
import { blockFor } from '../explain/block-for.ts';
import { type ActivationMap, gradCam } from '../explain/grad-cam.ts';
import { overlayMap } from '../explain/overlay.ts';
import { readRegularFile } from '../io/read-file.ts';
import { writeError, writeFileAtomic } from '../io/write-file.ts';
import { openScope } from '../tensor/scope.ts';
import { inputsOf } from '../train/photographs.ts';
import { adapter, checkOutput, fraction } from './arguments.ts';
import { addDecodingOptions, type DecodingOptions } from './decoding.ts';
import { imagesAt } from './images.ts';
import { print } from './output.ts';
import { withClassifier } from './with-classifier.ts';

interface Options extends DecodingOptions {
  readonly checkpoint: string;
  readonly out: string;
  readonly layer?: string;
  readonly class?: string;
  readonly opacity: number;
  readonly json?: boolean;
  readonly adapter: AdapterKind;
}

/** Early layers take about as much memory per image as training does. */
const BATCH_SIZE = 4;

/** The command `explain`. */
export const explainCommand = addDecodingOptions(
  new Command('explain').description(
    'draw which parts of images speak for a class (Grad-CAM); not medical advice',
  ),
)
  .argument('<image...>', 'JPEG or PNG files, or folders or zip archives of them')
  .requiredOption('--checkpoint <file>', 'checkpoint that `fovea train` wrote')
  .requiredOption('--out <path>', 'PNG to write; for several images a folder of them')
  .option(
    '--layer <name>',
    'layer to explain by, such as bb_3_2 or layer4.2 (default: the last block; of small images one with larger maps)',
  )
  .option(
    '--class <class>',
    'class to explain, by its number or name (default: the predicted one; of two classes the second)',
  )
  .option('--opacity <share>', 'how much the colours cover where the most speaks, from 0 to 1', fraction, 0.6)
  .option('--json', 'print an object per line, with the values of the map')
  .option('--adapter <kind>', 'auto, hardware or software', adapter, 'auto')
  .addHelpText(
    'after',
    '\nLight yellow is where the most speaks for the class, in this image: maps of two images do not compare. Where nothing\n' +
      'does, the image stays as it is. Images that cannot be read are told on stderr, and the exit code is 1 then.',
  )
  .action(async (paths: string[], options: Options) => {
    const samples = await imagesAt(paths);
    const files = await outputsOf(samples, options.out);
    const sampleAt = new Map(samples.map((sample) => [sample.path, sample]));
    const { maxPixels, opacity, json = false } = options;
    await withClassifier(
      samples,
      { ...options, batchSize: BATCH_SIZE },
      async ({ model, loader, classes }) => {
        const wanted = options.class === undefined ? undefined : classOf(options.class, classes);
        const layer = options.layer ?? blockFor(model, loader.dataset.size);
        const about = { layer, ...(wanted === undefined ? {} : { class: wanted }) };
        for await (const batch of loader.epoch(0)) {
          using _ = openScope(model.device);
          const maps = await gradCam(model, inputsOf(model.device, batch), about);
          for (const [i, map] of maps.entries()) {
            const image = batch.names[i]!;
            const file = files.get(image)!;
            await drawOver(sampleAt.get(image)!, map, file, { opacity, maxPixels });
            printMap({ image, file, layer, label: classes[map.class]! }, map, json);
          }
        }
      },
    );
  });

/** Where the picture of each image goes, by its path: to `out`, or into it where there are several images, or a folder is there. */
async function outputsOf(samples: readonly Sample[], out: string): Promise<Map<string, string>> {
  const isFolder = await stat(out).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const isMany = samples.length > 1;
  if (!isMany && !isFolder) await checkOutput('--out', out);
  if (isMany && !isFolder) {
    await mkdir(out, { recursive: true }).catch((cause) => {
      throw writeError(out, cause);
    });
  }
  const fileOf = (path: string) =>
    isMany || isFolder ? join(out, `${basename(path, extname(path))}.png`) : out;
  const files = new Map(samples.map(({ path }) => [path, fileOf(path)]));
  const owners = new Map<string, string>();
  const given = new Set(samples.map(({ path }) => resolve(path)));
  for (const [path, file] of files) {
    const other = owners.get(file);
    check(other === undefined, 'invalid-argument', () => {
      return `--out: ${other} and ${path} would both be drawn to ${file}: give them one after the other, with an --out of its own each.`;
    });
    owners.set(file, path);
    check(!given.has(resolve(file)), 'invalid-argument', () => {
      return `--out: ${file} is one of the images: name another file or folder.`;
    });
  }
  return files;
}

/** The label that `--class` means. Throws 'invalid-argument', listing the classes, where it is none. */
function classOf(text: string, classes: readonly string[]): number {
  const label = classes.includes(text) ? classes.indexOf(text) : Number(text.trim() || Number.NaN);
  check(Number.isInteger(label) && label >= 0 && label < classes.length, 'invalid-argument', () => {
    const known = classes.map((name, i) => `${i} (${name})`).join(', ');
    return `--class is ${text}, but the checkpoint knows ${known}.`;
  });
  return label;
}

async function drawOver(
  { path, source }: Sample,
  map: ActivationMap,
  file: string,
  { opacity, maxPixels }: { opacity: number; maxPixels: number },
): Promise<void> {
  const bytes = source ? await source.read() : await readRegularFile('image', path, maxFileBytes(maxPixels));
  const image = decodeImage(bytes, { order: 'rgb', maxPixels });
  await writeFileAtomic(file, encodePng(overlayMap(image, map, { opacity })));
}

function printMap(about: object & Record<string, string>, map: ActivationMap, asJson: boolean): void {
  const { image, file, layer, label } = about;
  const { width, height, values } = map;
  if (asJson)
    print(
      JSON.stringify({ image, file, layer, class: map.class, label, width, height, values: [...values] }),
    );
  else print(`${image}: what speaks for ${label} by ${layer}, in ${file}`);
}
