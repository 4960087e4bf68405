/**
 * @file The built application in Debian's Chromium on SwiftShader.
 */

import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium } from 'playwright-core';
import { CONTENT_SECURITY_POLICY } from '../../src/cli/app-policy.ts';
import { type StaticServer, serveFolder } from '../../src/serve/static-server.ts';
import { CHROMIUM, CHROMIUM_ARGUMENTS } from '../support/chromium.ts';

/** Where `npm run app` puts it. */
export const BUILT = fileURLToPath(new URL('../../dist/app', import.meta.url));

/** Serves the built application as `fovea app` does. */
export function serveApp(): Promise<StaticServer> {
  return serveFolder(BUILT, { host: '127.0.0.1', port: 0, policy: CONTENT_SECURITY_POLICY });
}

/** Starts a browser whose storage lies in `folder`, so that a later one finds what was kept. */
export function launchBrowser(folder: string, locale = 'en-GB'): Promise<BrowserContext> {
  // The browser has its own SwiftShader: the driver chosen for Node is none of its business.
  const { VK_DRIVER_FILES: _, ...env } = process.env;
  return chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM,
    headless: false,
    args: CHROMIUM_ARGUMENTS,
    env: env as Record<string, string>,
    locale,
  });
}
