/** @file Every sentence of the application in Chinese. */

import type { Sentences } from '../en/index.ts';
import { laboratory } from './laboratory.ts';
import { noWebGpu, shell } from './shell.ts';

/** All sentences. */
export const zh: Sentences = { shell, noWebGpu, laboratory };
