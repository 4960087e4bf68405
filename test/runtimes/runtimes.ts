/**
 * @file The runtimes that the suite is run in.
 */

import { CHROMIUM, CHROMIUM_ARGUMENTS } from '../support/chromium.ts';
import { type BrowserOptions, browser } from './browser.ts';
import { FETCHED } from './fetch.ts';
import { program } from './program.ts';
import type { Runtime } from './runtime.ts';

const fetched = (name: string, major?: number) =>
  FETCHED.find(
    (runtime) => runtime.name === name && (major === undefined || runtime.version.startsWith(`${major}.`)),
  )!;

const node = (major: number, extent: Runtime['extent']): Runtime =>
  program(fetched('node', major), { name: `Node ${major}`, compiler: 'Tint', extent, entry: 'fovea' });

const chromium: BrowserOptions = {
  name: 'Chromium',
  compiler: 'Tint',
  file: CHROMIUM,
  args: (profile) => [...CHROMIUM_ARGUMENTS, `--user-data-dir=${profile}`],
};

const firefox: BrowserOptions = {
  name: 'Firefox',
  compiler: 'naga',
  file: '/usr/bin/firefox-esr',
  args: (profile) => ['--headless', '--no-remote', '--profile', profile],
  profile: {
    'user.js': 'user_pref("dom.webgpu.enabled", true); user_pref("gfx.webgpu.ignore-blocklist", true);',
  },
};

/**
 * All of them; the first is what the others are compared with. The algorithms by Tint are what `npm test` tries, so that one runtime has
 * to run them by naga.
 */
export const RUNTIMES: readonly Runtime[] = [
  node(24, 'compile'),
  program(fetched('deno'), {
    name: 'Deno',
    compiler: 'naga',
    extent: 'all',
    entry: 'fovea/browser',
    args: ['run', '--allow-all'],
  }),
  node(22, 'least'),
  node(20, 'least'),
  program(fetched('bun'), { name: 'Bun', compiler: 'Tint', extent: 'least', entry: 'fovea' }),
  browser(chromium, 'page', 'least'),
  browser(chromium, 'worker', 'least'),
  browser(firefox, 'page', 'compile'),
  browser(firefox, 'worker', 'least'),
];
