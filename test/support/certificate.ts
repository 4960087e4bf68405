/**
 * @file A certificate of an adapter that has passed, as short as one can be.
 */

import type { Certificate, Finding } from '../../src/verify/certificate.ts';
import { VERSION } from '../../src/version.ts';

/** Of a result that is right. */
export const RIGHT: Finding = { error: 1e-8, bound: 1e-6, passed: true, about: 'rows: y' };

/** The certificate. */
export const PASSED: Certificate = {
  passed: true,
  struck: [],
  adapter: 'a test',
  vendor: '',
  architecture: '',
  runtime: 'here',
  fovea: VERSION,
  seconds: 1.5,
  algorithms: [],
  ops: [{ op: 'softmax', ...RIGHT }],
  training: { ...RIGHT, about: 'loss 1' },
};
