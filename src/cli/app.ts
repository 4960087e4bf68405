/**
 * @file `fovea app`
 */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { check } from '../errors.ts';
import { CONTENT_SECURITY_POLICY } from './app-policy.ts';
import { integer } from './arguments.ts';
import { listenForInterrupt } from './interrupt.ts';
import { print } from './output.ts';

/** Not listening beyond this machine: WebGPU is for secure contexts, and loopback is one without certificates. */
const HOST = '127.0.0.1';

/** The command `app`. */
export const appCommand = new Command('app')
  .description(
    'serve the web application, which trains, judges and explains in a browser tab, on this machine',
  )
  .option('--port <n>', 'port to listen at, 0 for any that is free', integer(0, 65535), 8090)
  .action(async ({ port }: { readonly port: number }) => {
    const root = join(dirname(createRequire(import.meta.url).resolve('fovea/package.json')), 'dist', 'app');
    check(existsSync(join(root, 'index.html')), 'bad-file', () => {
      return `the web application is not in ${root}: in a checkout, \`npm run app\` builds it.`;
    });
    const { serveFolder } = await import('../serve/static-server.ts');
    const server = await serveFolder(root, { host: HOST, port, policy: CONTENT_SECURITY_POLICY });
    print(`The web application is at ${server.url} (Ctrl-C ends it)`);
    const { signal, release } = listenForInterrupt(() => {});
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await server.close();
    release();
  });
