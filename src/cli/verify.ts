/**
 * @file `fovea verify`
 */

import { Command } from 'commander';
import type { AdapterKind } from '../device/adapter-source.ts';
import { nodeAdapters } from '../device/node/adapters.ts';
import { openDevice } from '../tensor/open-device.ts';
import { certificateText } from '../verify/certificate.ts';
import { verify } from '../verify/verify.ts';
import { adapter } from './arguments.ts';
import { print } from './output.ts';

interface Options {
  readonly adapter: AdapterKind;
  readonly json?: boolean;
}

/** The command `verify`. */
export const verifyCommand = new Command('verify')
  .description('check every op and every convolution algorithm on this adapter against exact results')
  .option('--adapter <kind>', 'auto, hardware or software', adapter, 'auto')
  .option('--json', 'print the certificate as one JSON object')
  .action(async ({ adapter, json }: Options) => {
    const device = await openDevice(nodeAdapters, { adapter, onWarning: () => {} }); // the certificate says it
    try {
      const certificate = await verify(device);
      if (json) print(JSON.stringify(certificate));
      else for (const line of certificateText(certificate).split('\n')) print(line);
      if (!certificate.passed) process.exitCode = 1;
    } finally {
      device.destroy();
    }
  });
