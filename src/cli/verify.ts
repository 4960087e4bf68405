/**
 * @file `fovea verify`
 */

import { Command } from 'commander';
import type { AdapterKind } from '../device/adapter-source.ts';
import { nodeAdapters } from '../device/node/adapters.ts';
import { openDevice } from '../tensor/open-device.ts';
import { type Certificate, certificateTable, failuresOf } from '../verify/certificate.ts';
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
      else printCertificate(certificate);
      if (!certificate.passed) process.exitCode = 1;
    } finally {
      device.destroy();
    }
  });

function printCertificate(certificate: Certificate): void {
  const { adapter, runtime, fovea, seconds, struck, passed } = certificate;
  print(`${adapter}, in ${runtime}, fovea ${fovea}`);
  print('');
  for (const line of certificateTable(certificate).split('\n')) print(line);
  print('');
  if (struck.length > 0)
    print(`Wrong and not used on this adapter: ${struck.join(', ')}. Please report this table.`);
  const verdict = passed
    ? 'Passed'
    : `FAILED: ${failuresOf(certificate).length} checks. Please report this table`;
  print(`${verdict}, in ${seconds.toFixed(1)} seconds.`);
}
