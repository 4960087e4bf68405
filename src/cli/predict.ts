/**
 * @file `fovea predict`
 */

import { Command } from 'commander';
import type { AdapterKind } from '../device/adapter-source.ts';
import { type Finding, findingsOf } from '../train/finding.ts';
import { predict } from '../train/inference.ts';
import { adapter } from './arguments.ts';
import { addDecodingOptions, type DecodingOptions } from './decoding.ts';
import { imagesAt } from './images.ts';
import { print } from './output.ts';
import { withClassifier } from './with-classifier.ts';

interface Options extends DecodingOptions {
  readonly checkpoint: string;
  readonly json?: boolean;
  readonly adapter: AdapterKind;
}

const BATCH_SIZE = 10;

/** The command `predict`. */
export const predictCommand = addDecodingOptions(
  new Command('predict').description(
    'tell what images show, by a checkpoint that says all else; not medical advice',
  ),
)
  .argument('<image...>', 'JPEG or PNG files, or folders or zip archives of them')
  .requiredOption('--checkpoint <file>', 'checkpoint that `fovea train` wrote')
  .option('--json', 'an object per line: image, logits, probabilities of each class, class, label')
  .option('--adapter <kind>', 'auto, hardware or software', adapter, 'auto')
  .addHelpText('after', '\nImages that cannot be read are told on stderr, and the exit code is 1 then.')
  .action(async (paths: string[], { json = false, ...options }: Options) => {
    const samples = await imagesAt(paths);
    await withClassifier(
      samples,
      { ...options, batchSize: BATCH_SIZE },
      async ({ model, loader, classes }) => {
        const prediction = await predict(model, loader);
        for (const [i, finding] of findingsOf(prediction, classes).entries())
          printFinding(prediction.names[i]!, finding, classes, json);
      },
    );
  });

function printFinding(image: string, finding: Finding, classes: readonly string[], asJson: boolean): void {
  if (asJson) print(JSON.stringify({ image, ...finding }));
  else print(`${image}: ${finding.label}, ${shown(finding, classes)}`);
}

/** The probability of the second of two classes, or of each of several. */
function shown({ logits, probabilities }: Finding, classes: readonly string[]): string {
  if (logits.length === 1) return `probability of ${classes[1]} ${probabilities[1]!.toFixed(4)}`;
  return probabilities.map((probability, label) => `${classes[label]} ${probability.toFixed(4)}`).join(', ');
}
