/**
 * @file Where fovea keeps what it can make again (Node).
 */

import { homedir } from 'node:os';
import { join } from 'node:path';

/** `fovea` in the user's cache: `$XDG_CACHE_HOME` or `~/.cache`. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'fovea');
}
