/**
 * @file The checks that are made in every runtime: plain code, without a test runner, on the package as users get it.
 *
 * `project.ts` makes one script of it for each kind of runtime; what it imports of src/ is the package's there, but for kernels and
 * shapes, which are pure functions that the package does not export.
 */

import type { Device } from '../../../src/device/device.ts';
import { createDevice } from '../../../src/index.ts';
import { ALGORITHMS_FOR_HARDWARE } from '../../../src/kernels/conv2d/for-hardware.ts';
import { ALGORITHMS_FOR_SOFTWARE } from '../../../src/kernels/conv2d/for-software.ts';
import { openDevice } from '../../../src/tensor/open-device.ts';
import { verify } from '../../../src/verify/verify.ts';
import type { Reference } from '../../golden/train-as-reference.ts';
import { asHardware, withSubgroups } from './adapters.ts';
import { checkConvolutions } from './convolutions.ts';
import { compileKernels, type KernelSource } from './kernels.ts';
import { onDevice } from './on-device.ts';
import { checkPrograms } from './programs.ts';
import { type Line, Reporter } from './report.ts';
import { checkFigures, checkTraining } from './training.ts';

/** What to check, beside programs of all ops and three training steps. */
export interface SuiteInput {
  /** What is to compile. */
  readonly kernels: readonly KernelSource[];
  /** How many random programs hold each op. */
  readonly programs: number;
  /** Whether the adapter is verified, by the figures that the package carries. */
  readonly verify: boolean;
  /** Whether each algorithm for convolutions is run. */
  readonly algorithms: boolean;
  /** The figures of a training, to be met by the kernels for this adapter, for GPUs, and with subgroups. */
  readonly reference?: Reference | undefined;
}

/** Makes all checks. `gpu` is this runtime's entry to WebGPU. */
export async function runSuite(gpu: GPU, input: SuiteInput, send: (line: Line) => void): Promise<void> {
  const reporter = new Reporter(send);
  const own = () => createDevice({ tuned: false });
  const granted = () => openDevice(withSubgroups(gpu));
  const disguised = () => openDevice(asHardware(gpu));
  await reporter.check('create a device', async () => {
    const device = await createDevice();
    reporter.tell({ adapter: device.info.name });
    device.destroy();
    return undefined;
  });
  if (input.verify)
    await reporter.check('verify', () => onDevice(own, (device) => checkAdapter(device, reporter)));
  if (input.kernels.length > 0) await compileKernels(gpu, input.kernels, reporter);
  await onDevice(own, (device) => checkPrograms(device, input.programs, reporter));
  await checkTraining(own, reporter);
  if (input.algorithms) {
    await onDevice(granted, (device) => checkConvolutions(device, ALGORITHMS_FOR_SOFTWARE, reporter));
    const others = ALGORITHMS_FOR_HARDWARE.filter((each) => !ALGORITHMS_FOR_SOFTWARE.includes(each));
    await onDevice(disguised, (device) => checkConvolutions(device, others, reporter));
  }
  if (input.reference) {
    await checkFigures("the adapter's", own, input.reference, reporter);
    await checkFigures("a GPU's", disguised, input.reference, reporter);
    await checkFigures("a software adapter's", granted, input.reference, reporter);
  }
  reporter.tell({ finished: true });
}

async function checkAdapter(device: Device, reporter: Reporter): Promise<undefined> {
  const certificate = await verify(device);
  reporter.tell({ certificate });
  if (!certificate.passed || certificate.struck.length > 0) throw new Error(JSON.stringify(certificate));
}
