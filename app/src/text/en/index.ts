/** @file Every sentence of the application in English; a file for each page. */

import { data } from './data.ts';
import { laboratory } from './laboratory.ts';
import { noWebGpu, shell } from './shell.ts';
import { train } from './train.ts';

/** All sentences. */
export const en = { shell, noWebGpu, data, train, laboratory };

/** What every language must have. */
export type Sentences = typeof en;
