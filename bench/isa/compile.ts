/**
 * @file A process of its own, started by `main.ts`: has Dawn create the pipelines for the GPU that its environment
 * names, as the library would. The driver writes down what they became. It ends by itself because Dawn keeps a
 * process alive, and a driver that meets a problem aborts.
 */

import { openGpu } from '../../src/device/node/adapters.ts';
import { PipelineCache } from '../../src/device/pipelines.ts';
import { tiledPlans } from './kernels.ts';

async function compile(): Promise<void> {
  const adapter = await (await openGpu()).requestAdapter();
  if (adapter === null) throw new Error('Dawn found no adapter');
  const device = await adapter.requestDevice();
  const pipelines = new PipelineCache(device, false);
  for (const { plan } of tiledPlans()) {
    const error = await pipelines.get(plan).verdict;
    if (error) throw error;
  }
}

compile().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error.message);
    process.exit(1);
  },
);
