/**
 * @file How much is tried: `npm test` takes less than five minutes on two cores; `FOVEA_THOROUGH=1`, which CI sets, has the
 * long sweeps run at their whole length.
 */

/** Whether tests are to be thorough. */
export const THOROUGH = process.env.FOVEA_THOROUGH === '1';

/** `whole` where tests are to be thorough, else `few`. */
export function thoroughly(whole: number, few: number): number {
  return THOROUGH ? whole : few;
}
