/** @file Every sentence of the application in English; a file for each page. */

import { laboratory } from './laboratory.ts';
import { noWebGpu, shell } from './shell.ts';

/** All sentences. */
export const en = { shell, noWebGpu, laboratory };

/** What every language must have. */
export type Sentences = typeof en;
