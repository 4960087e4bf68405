/**
 * @file What `import 'fovea'` gives in browsers; it reaches no module of Node.
 */

export { FoveaError, type FoveaErrorCode } from './errors.ts';
export { Random, type RandomState } from './random.ts';
