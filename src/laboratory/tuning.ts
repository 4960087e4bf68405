/**
 * @file What `tune` gains on an adapter. It is tried and taken back: who measures an adapter has not asked for another choice of kernels.
 */

import type { Device } from '../device/device.ts';
import { describeConvolution } from '../shape/conv2d.ts';
import { setTuning, tuningOf } from '../tensor/tuning.ts';
import { convolutionsOf, tuneInto } from '../tune/tune.ts';
import { type TunedPass, timeOf } from '../tune/tune-pass.ts';
import type { TuningStore } from '../tune/tuning-store.ts';
import type { TuningFigure, TuningFigures } from './figures.ts';
import type { Observer } from './observer.ts';
import { networksFor, timeSteps } from './steps.ts';
import { Trainer } from './trainer.ts';

/** Seconds: the most expensive convolutions come first, so that little is left after that. */
const BUDGET = 30;
const QUICK_BUDGET = 0.5;

/** Keeps nothing. */
const NOWHERE: TuningStore = { load: async () => undefined, save: async () => {} };

/** Tunes for the last of the networks that steps are measured of. Undefined where it was stopped: what was gained is not known then. */
export async function measureTuning(
  device: Device,
  quick: boolean,
  { signal, onProgress }: Observer,
): Promise<TuningFigures | undefined> {
  const network = networksFor(device, quick).at(-1)!;
  const untuned = tuningOf(device);
  const trainer = new Trainer(device, network);
  const work = () => trainer.rehearse();
  try {
    onProgress('a step before', 0, 1);
    await trainer.prepare();
    const { milliseconds: before } = await timeSteps(device, trainer, quick);
    const start = performance.now();
    const tuned = await tuneInto(NOWHERE, device, work, {
      budget: quick ? QUICK_BUDGET : BUDGET,
      signal,
      onProgress: ({ geometry, pass, algorithm, done, total }) =>
        onProgress(`${describeConvolution(geometry)} ${pass}: ${algorithm}`, done, total),
    });
    if (signal.aborted) return undefined;
    const seconds = (performance.now() - start) / 1000;
    const { milliseconds: after } = await timeSteps(device, trainer, quick);
    const { size, batch } = network;
    const total = convolutionsOf(device, work).length;
    return { size, batch, seconds, total, passes: tuned.map(figureOf), before, after };
  } finally {
    setTuning(device, untuned);
    trainer.dispose();
  }
}

function figureOf({ pass, geometry, heuristic, chosen, candidates }: TunedPass): TuningFigure {
  const timeBy = (name: string) => timeOf(candidates.find(({ algorithm }) => algorithm === name)!);
  const [before, after] = [timeBy(heuristic), timeBy(chosen)];
  return { geometry: describeConvolution(geometry), pass, heuristic, chosen, before, after };
}
