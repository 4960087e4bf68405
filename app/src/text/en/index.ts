/** @file Every sentence of the application in English; a file for each page. */

import { noWebGpu, shell } from './shell.ts';

/** All sentences. */
export const en = { shell, noWebGpu };

/** What every language must have. */
export type Sentences = typeof en;
