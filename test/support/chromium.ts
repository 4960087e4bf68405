/**
 * @file Debian's Chromium with WebGPU on SwiftShader, and pages for it.
 */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian puts it. */
export const CHROMIUM = '/usr/bin/chromium';

/** WebGPU on SwiftShader needs the new headless mode. */
export const CHROMIUM_ARGUMENTS = [
  '--headless=new',
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--hide-scrollbars',
];

/** Starts it. */
export function launchChromium(): Promise<Browser> {
  // The browser has its own SwiftShader: the driver chosen for Node is none of its business.
  const { VK_DRIVER_FILES: _, ...env } = process.env;
  return chromium.launch({
    executablePath: CHROMIUM,
    headless: false,
    args: CHROMIUM_ARGUMENTS,
    env: env as Record<string, string>,
  });
}

/** Serves `files`, by path, from localhost, a secure context. */
export async function servePage(
  files: ReadonlyMap<string, string>,
): Promise<{ readonly address: string; readonly server: Server }> {
  const server = createServer(({ url }, response) => {
    const path = url!.replace(/\?.*/, '');
    const type = { js: 'text/javascript', json: 'application/json' }[path.split('.')[1] ?? ''] ?? 'text/html';
    const text = files.get(path);
    response.writeHead(text === undefined ? 404 : 200, { 'content-type': type }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}
