/**
 * @file What a server takes at most.
 */

import { atLeast, type OptionRules, whole } from '../arguments.ts';

/** What a server takes at most; beyond it a request is refused with a reason. */
export interface ServerLimits {
  /** Images that are computed together. */
  readonly maxBatch: number;
  /** Milliseconds that the first image of a batch waits for others. */
  readonly maxWait: number;
  /** Images that are decoded, wait or are computed at one time; more are answered by 429. */
  readonly maxQueue: number;
  /** Images per request; more are answered by 413. */
  readonly maxImages: number;
  /** Bytes per request; more are answered by 413. */
  readonly maxUpload: number;
  /** Bytes of all requests at one time; more are answered by 429. */
  readonly maxPending: number;
  /** Pixels per image; one of more is answered by 422, before any memory is taken for them. */
  readonly maxPixels: number;
}

/** The limits where nothing else is said. */
export const DEFAULT_LIMITS: ServerLimits = {
  maxBatch: 8,
  maxWait: 5,
  maxQueue: 128,
  maxImages: 16,
  maxUpload: 32 * 2 ** 20,
  maxPending: 256 * 2 ** 20,
  maxPixels: 50_000_000,
};

/** The rules of {@link ServerLimits}. */
export const LIMITS: OptionRules<Partial<ServerLimits>> = {
  maxBatch: whole(1, 1024),
  maxWait: atLeast(0),
  maxQueue: whole(1),
  maxImages: whole(1),
  maxUpload: whole(1),
  maxPending: whole(1),
  maxPixels: whole(1),
};
