/**
 * @file A server of the files of a folder (Node): what the web application is served by. Imported on demand, since it brings the
 * HTTP framework.
 */

import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { end, listen } from './listen.ts';

/** What a server of files is told. */
export interface StaticServerOptions {
  /** The address to listen at. */
  readonly host: string;
  /** The port, 0 for any that is free. */
  readonly port: number;
  /** The Content-Security-Policy of every file. */
  readonly policy: string;
}

/** A server of files that runs. */
export interface StaticServer {
  /** Where it listens. */
  readonly url: string;
  /** Ends it. */
  close(): Promise<void>;
}

/** Serves the files in `root`. Throws 'in-use' where the port is taken. */
export async function serveFolder(root: string, options: StaticServerOptions): Promise<StaticServer> {
  const { host, port, policy } = options;
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header('Content-Security-Policy', policy);
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Referrer-Policy', 'no-referrer');
    // Files are asked for again at each visit; those that did not change are answered by the service worker.
    c.header('Cache-Control', 'no-cache');
  });
  app.use(serveStatic({ root }));
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  return { url: await listen(server, host, port), close: () => end(server) };
}
