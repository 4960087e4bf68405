/**
 * @file `fovea data`
 */

import { Command } from 'commander';
import { inspectCommand } from './inspect.ts';
import { showCommand } from './show.ts';

/** The command `data`, whose subcommands look at data sets. */
export const dataCommand = new Command('data')
  .description('look at data sets before training on them')
  .addCommand(inspectCommand)
  .addCommand(showCommand);
