/**
 * @file The code of the decoding worker as a text, so that it comes along wherever fovea is bundled.
 */

/** What the build puts here (see tsup.config.ts); undefined where fovea runs from its source. */
export const DECODE_WORKER_CODE: string | undefined = undefined;
