/** @file Every sentence of the application in Chinese. */

import type { Sentences } from '../en/index.ts';
import { data } from './data.ts';
import { laboratory } from './laboratory.ts';
import { noWebGpu, shell } from './shell.ts';
import { train } from './train.ts';

/** All sentences. */
export const zh: Sentences = { shell, noWebGpu, data, train, laboratory };
