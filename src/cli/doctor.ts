/**
 * @file `fovea doctor`
 */

import { Command } from 'commander';
import { multiply } from '../autograd/ops.ts';
import type { Device } from '../device/device.ts';
import { inspectGpu, nodeAdapters } from '../device/node/adapters.ts';
import { openBareDevice } from '../device/open.ts';
import { check } from '../errors.ts';
import { tensor } from '../tensor/create.ts';
import { print } from './output.ts';

/** The command `doctor`. */
export const doctorCommand = new Command('doctor')
  .description('list the adapters, what is missing, and check that a kernel runs')
  .action(async () => {
    await printAdapters();
    const device = await openBareDevice(nodeAdapters);
    try {
      printDevice(device);
      await checkKernel(device);
      print('Kernel check: ok');
    } finally {
      device.destroy();
    }
  });

async function printAdapters(): Promise<void> {
  const { platform, packages, vulkan, attempts } = await inspectGpu();
  print(`Node ${process.version} on ${platform}`);
  for (const [name, version] of Object.entries(packages)) {
    print(`Package ${name}: ${version ?? `missing, npm install ${name}`}`);
  }
  if (vulkan) {
    print(`Vulkan loader: ${vulkan.loader ? 'found' : 'missing (Debian: apt install libvulkan1)'}`);
    print(`Vulkan drivers: ${vulkan.manifests.join(', ') || 'none'}`);
  }
  for (const { kind, adapter, error } of attempts) print(`Adapter, ${kind}: ${adapter ?? `none: ${error}`}`);
}

function printDevice({ info }: Device): void {
  print('');
  print(`Chosen: ${info.name}${info.software ? ' (software: computes on the CPU, slow)' : ''}`);
  print(`Features: ${info.features.join(', ') || 'none'}; subgroups of ${info.subgroupSizes.join(' to ')}`);
  for (const [limit, value] of Object.entries(info.limits)) print(`  ${limit}: ${value}`);
}

/** Runs one small kernel and checks what it computed. */
async function checkKernel(device: Device): Promise<void> {
  const values = await multiply(tensor(device, [1, 2, 3, 4, 5]), 0.5).data();
  const expected = [0.5, 1, 1.5, 2, 2.5];
  check(
    expected.every((value, i) => values[i] === value),
    'unsupported',
    () => {
      return `a kernel that halves numbers gave ${values.join(', ')} instead of ${expected.join(', ')}: try another adapter.`;
    },
  );
}
