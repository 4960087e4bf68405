/** @file Every sentence of the application in Chinese. */

import type { Sentences } from '../en/index.ts';
import { data } from './data.ts';
import { explain } from './explain.ts';
import { failures } from './failures.ts';
import { judge } from './judge.ts';
import { laboratory } from './laboratory.ts';
import { noWebGpu, shell } from './shell.ts';
import { takeAway } from './take-away.ts';
import { train } from './train.ts';
import { use } from './use.ts';

/** All sentences. */
export const zh: Sentences = {
  shell,
  noWebGpu,
  failures,
  data,
  train,
  judge,
  explain,
  use,
  takeAway,
  laboratory,
};
