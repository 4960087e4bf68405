/**
 * @file A server's beginning and end: listening at an address, and letting go of it (Node).
 */

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FoveaError } from '../errors.ts';

/** How long connections may take to end when a server closes, in milliseconds. */
const DRAIN_TIMEOUT = 30_000;

/** Listens, and tells the address. Throws 'in-use' where the port is taken, 'invalid-argument' for an address of another machine. */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const code = cause.code === 'EADDRINUSE' ? 'in-use' : 'invalid-argument';
      const message = `cannot listen at ${host}:${port}: ${cause.message}. Choose another port or address`;
      reject(new FoveaError(code, message, { cause }));
    });
    server.listen(port, host, resolve);
  });
  return urlOf(server.address() as AddressInfo);
}

/** Accepts no connection any more, and waits until the last one has its answer. */
export async function end(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_TIMEOUT).unref();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearTimeout(timer);
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}/`;
}
