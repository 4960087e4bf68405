/**
 * @file Makes fovea as small in the application as its browser bundle is: see `scripts/smaller-bundles.ts`.
 */

import type { Plugin } from 'vite';
import { smallerModule } from '../../scripts/smaller-bundles.ts';

/** Does to the modules of `src/` what `tsup` has done to them. */
export const smallerModules: Plugin = {
  name: 'smaller-modules',
  apply: 'build',
  enforce: 'pre',
  transform: {
    filter: { id: { include: /[\\/]src[\\/].*\.ts$/, exclude: /[\\/]app[\\/]src[\\/]/ } },
    handler: (code, id) => ({ code: smallerModule(id, code), map: null }),
  },
};
