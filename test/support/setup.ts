/**
 * @file Vitest runs this before each test file.
 */

import { afterAll, vi } from 'vitest';
import { cleanUp } from './clean-up.ts';

afterAll(async () => {
  await cleanUp();
  // Other files share this process.
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});
