import type { Command } from 'commander';
import { captureStdout } from '../support/stdout.ts';

/** Runs a command in this process: what it writes to stdout, and the exit code it leaves. */
export async function runInProcess(command: Command, args: readonly string[]) {
  const written = captureStdout();
  const before = process.exitCode;
  try {
    await command.parseAsync(args, { from: 'user' });
    return { written: written(), code: process.exitCode ?? 0 };
  } finally {
    process.exitCode = before;
  }
}
