/**
 * @file Some thousand damaged inputs for every parser. `FOVEA_FUZZ=1000000 npx vitest run test/fuzz` feeds more.
 */

import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { THOROUGH } from '../support/thorough.ts';

const INPUTS = Number(process.env.FOVEA_FUZZ ?? (THOROUGH ? 21_000 : 8_400));
/** A hundred times what an input takes; what hangs is killed, and its parser is the one without a line. */
const TIMEOUT = 100_000 + INPUTS * 50;

it(`parses or refuses ${INPUTS} damaged inputs, within time and memory`, {
  timeout: TIMEOUT + 10_000,
}, () => {
  const program = ['--max-old-space-size=512', '--import', 'tsx', 'test/fuzz/main.ts', String(INPUTS)];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, {
    encoding: 'utf8',
    timeout: TIMEOUT,
  });
  console.info(stdout);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.match(/ parsed, /g)).toHaveLength(21);
});
