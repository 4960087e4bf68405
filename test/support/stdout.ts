import { vi } from 'vitest';

/** Keeps from the terminal what is written to stdout, until mocks are restored; gives all of it so far when called. */
export function captureStdout(): () => string {
  let written = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += text;
    return true;
  });
  return () => written;
}
