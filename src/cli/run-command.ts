/**
 * @file How a command ends that fails.
 */

import { FoveaError } from '../errors.ts';
import { stopWhenUnread } from './interrupt.ts';
import { warn } from './output.ts';

/** Runs `work`. What it throws on purpose is told in one line, and the exit code is 1 then. */
export async function runCommand(work: () => Promise<unknown>): Promise<void> {
  stopWhenUnread();
  try {
    await work();
  } catch (error) {
    if (!(error instanceof FoveaError) || process.env.FOVEA_DEBUG) throw error;
    warn(`fovea: ${error.message}`);
    process.exitCode = 1;
  }
}
