/**
 * @file What `import 'fovea'` gives in Node.
 */

export { FoveaError, type FoveaErrorCode } from './errors.ts';
export { Random, type RandomState } from './random.ts';
