/**
 * @file What a server takes at most.
 */

import { atLeast, type OptionRules, whole } from '../arguments.ts';
import { check } from '../errors.ts';

/** What a server takes at most; beyond it a request is refused with a reason. */
export interface ServerLimits {
  /** Images that are computed together. */
  readonly maxBatch: number;
  /** Milliseconds that the first image of a batch waits for others. */
  readonly maxWait: number;
  /** Images that are decoded, wait or are computed at one time; more are answered by 429. */
  readonly maxQueue: number;
  /** Images per request, at most {@link maxQueue}; more are answered by 413. */
  readonly maxImages: number;
  /** Bytes per request; more are answered by 413. */
  readonly maxUpload: number;
  /** Bytes of all requests at one time, at least {@link maxUpload}; more are answered by 429. */
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

/**
 * The limits that `given` ones make; those that are left out are such that they fit. Throws 'invalid-argument' where a request could
 * be within the limits of one and would be told each time that the server is busy.
 */
export function limitsOf(given: Partial<ServerLimits>): ServerLimits {
  const names = Object.keys(DEFAULT_LIMITS) as (keyof ServerLimits)[];
  const defined = Object.fromEntries(
    names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
  );
  const { maxQueue, maxUpload } = { ...DEFAULT_LIMITS, ...defined };
  const limits = {
    ...DEFAULT_LIMITS,
    maxImages: Math.min(maxQueue, DEFAULT_LIMITS.maxImages),
    maxPending: Math.max(maxUpload, DEFAULT_LIMITS.maxPending),
    ...defined,
  };
  const { maxImages, maxPending } = limits;
  check(maxImages <= maxQueue, 'invalid-argument', () => {
    return `maxImages is ${maxImages} and maxQueue ${maxQueue}: a request of more images than may wait is never answered; raise maxQueue`;
  });
  check(maxUpload <= maxPending, 'invalid-argument', () => {
    return `maxUpload is ${maxUpload} and maxPending ${maxPending}: one of more bytes than all may have is never answered; raise maxPending`;
  });
  return limits;
}
