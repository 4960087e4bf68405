/**
 * @file How fast each pass of ResNet-50's convolutions is, and the most that the adapter can do.
 */

import type { Device } from '../device/device.ts';
import { PASSES } from '../kernels/conv2d/passes.ts';
import { conv2dMultiplyAdds, describeConvolution } from '../shape/conv2d.ts';
import { algorithmFor } from '../tensor/tuning.ts';
import { PassOperands } from '../tune/pass-operands.ts';
import { median } from '../tune/samples.ts';
import { chooseStopwatch, type Stopwatch, sampler } from '../tune/stopwatch.ts';
import { measureCeiling } from './ceiling.ts';
import type { ConvolutionFigure, ConvolutionFigures } from './figures.ts';
import type { Observer } from './observer.ts';
import { CONV_CASES, caseGeometry } from './resnet-convolutions.ts';

/** Images: enough to fill a GPU, and few where a CPU computes. */
const IMAGES = { software: 1, hardware: 16 };
/** Samples that a median is taken of. */
const SAMPLES = { all: 5, quick: 1 };
/** One of each kind, for who is in a hurry. */
const FEW = ['c4_1x1a', 'c5_3x3'];

/** Measures all of them, or a few. */
export async function measureConvolutions(
  device: Device,
  quick: boolean,
  { signal, onProgress }: Observer,
): Promise<ConvolutionFigures> {
  const stopwatch = await chooseStopwatch(device);
  const medianTime = medianBy(device, stopwatch, quick ? SAMPLES.quick : SAMPLES.all);
  onProgress('ceiling', 0, 1);
  const ceiling = (await measureCeiling(device, medianTime)) / 1e9;
  const cases = Object.entries(CONV_CASES).filter(
    ([name, { groups }]) => groups === 1 && (!quick || FEW.includes(name)),
  );
  const passes: ConvolutionFigure[] = [];
  for (const [i, [name, found]] of cases.entries()) {
    if (signal.aborted) break;
    onProgress(name, i, cases.length);
    const geometry = caseGeometry(found, device.info.software ? IMAGES.software : IMAGES.hardware);
    const operands = new PassOperands(device, geometry);
    try {
      for (const pass of PASSES) {
        const algorithm = algorithmFor(device, pass, geometry);
        const milliseconds = await medianTime(() => operands.run(pass, algorithm));
        const gigaflops = (2 * conv2dMultiplyAdds(geometry)) / 1e6 / milliseconds;
        const words = describeConvolution(geometry);
        passes.push({ name, geometry: words, pass, algorithm: algorithm.name, milliseconds, gigaflops });
      }
    } finally {
      operands.dispose();
    }
  }
  return { timedBy: stopwatch.kind, ceiling, passes };
}

/** Gives the median time of a run in milliseconds, once it has compiled. */
function medianBy(device: Device, stopwatch: Stopwatch, samples: number) {
  return async (run: () => void): Promise<number> => {
    run();
    await device.finished();
    const sample = sampler(stopwatch, run);
    const times: number[] = [];
    while (times.length < samples) times.push(await sample());
    return median(times);
  };
}
