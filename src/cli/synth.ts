/**
 * @file `fovea synth`
 */

import { Command } from 'commander';
import { writeSyntheticDataset } from '../data/synth.ts';
import { integer } from './arguments.ts';
import { print } from './output.ts';

interface Options {
  readonly training: number;
  readonly validation: number;
  readonly size: number;
  readonly seed: number;
}

/** The command `synth`. */
export const synthCommand = new Command('synth')
  .description("draw a data set in iChallenge-PM's layout, to try fovea on")
  .argument('<dir>', 'folder to write to')
  .option('--training <n>', 'training photographs', integer(2), 40)
  .option('--validation <n>', 'validation photographs', integer(2), 20)
  .option('--size <pixels>', 'width and height', integer(32, 4096), 256)
  .option('--seed <n>', 'seed of the drawing', integer(0, 2 ** 32 - 1), 1)
  .action(async (dir: string, options: Options) => {
    await writeSyntheticDataset(dir, options);
    print(
      `${dir}: ${options.training} training and ${options.validation} validation photographs, labels.csv`,
    );
  });
