/**
 * @file fast-check with a seed, so that a test draws the same values whenever it runs: `FOVEA_SEED=7 npx vitest run` draws others.
 */

import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env.FOVEA_SEED ?? 1), ...fc.readConfigureGlobal() });

export default fc;
