/**
 * @file Writes src/verify/figures.ts: what the float64 references in test/ give for all that `verify` tries.
 */

import { writeFileSync } from 'node:fs';
import { figuresSource, makeFigures } from '../test/verify/figures.ts';

writeFileSync('src/verify/figures.ts', figuresSource(makeFigures()));
