/**
 * @file Measures how right and how fast fovea is on an adapter.
 */

import {
  BOOLEAN,
  checkOptions,
  FUNCTION,
  type OptionRules,
  SIGNAL,
  STRING,
  type StopSignal,
} from '../arguments.ts';
import type { Device } from '../device/device.ts';
import { FoveaError, messageOf } from '../errors.ts';
import { UNTUNED } from '../kernels/conv2d/passes.ts';
import { checkDevice } from '../tensor/check-device.ts';
import { setTuning, tuningOf } from '../tensor/tuning.ts';
import { runtimeName } from '../verify/runtime-name.ts';
import { VERSION } from '../version.ts';
import { choicesOf } from './choices.ts';
import { type AdapterFigures, FIGURE_PARTS, FIGURES_FORMAT, type FigurePart } from './figures.ts';
import type { Observer } from './observer.ts';
import { MEASURE } from './parts.ts';

/** Where {@link measureAdapter} is. */
export interface MeasureProgress {
  /** The part that is being measured. */
  readonly part: FigurePart;
  /** What of it is measured now, such as the name of an op; may be empty. */
  readonly what: string;
  /** Pieces of the part that are done. */
  readonly done: number;
  /** Pieces of the part. */
  readonly total: number;
}

/** How {@link measureAdapter} works. */
export interface MeasureAdapterOptions {
  /** Whether to measure only a little, without `verify`, to see that it works: a few seconds. False by default. */
  readonly quick?: boolean;
  /** What the adapter does not tell of itself and its machine: the card, its driver, the processor. Empty by default. */
  readonly machine?: string;
  /** Stops when it is aborted; what was measured by then is given. */
  readonly signal?: StopSignal;
  /** Told before each piece what is about to be measured. */
  readonly onProgress?: (progress: MeasureProgress) => void;
  /** Told after each part what is known so far. */
  readonly onPart?: (figures: AdapterFigures) => void;
}

const OPTIONS: OptionRules<MeasureAdapterOptions> = {
  quick: BOOLEAN,
  machine: STRING,
  signal: SIGNAL,
  onProgress: FUNCTION,
  onPart: FUNCTION,
};

const NEVER: StopSignal = { aborted: false, throwIfAborted: () => {} };

/**
 * How right and how fast fovea is on the device's adapter: what `verify` finds, `gradCheck` of every op, each pass of ResNet-50's
 * convolutions, training steps by kernel, and what `tune` gains. It takes two minutes or so; nothing else should use the adapter
 * meanwhile. The device runs as if it had never been tuned, and afterwards as before, but for algorithms that `verify` has struck.
 *
 * What cannot be measured, for want of memory say, is told in `failed`. Rejects with 'device-lost' where the device is lost.
 *
 *     const figures = await measureAdapter(device);
 *     await writeFile('figures.json', JSON.stringify(figures));
 */
export async function measureAdapter(
  device: Device,
  options: MeasureAdapterOptions = {},
): Promise<AdapterFigures> {
  checkDevice('measureAdapter', device);
  checkOptions('measureAdapter', options, OPTIONS);
  const { quick = false, machine = '', signal = NEVER, onProgress, onPart } = options;
  const start = performance.now();
  let figures: AdapterFigures = {
    format: FIGURES_FORMAT,
    fovea: VERSION,
    runtime: runtimeName(),
    machine,
    date: new Date().toISOString(),
    seconds: 0,
    quick,
    stopped: false,
    failed: [],
    adapter: device.info,
    choices: choicesOf(device),
  };
  const tuning = tuningOf(device);
  setTuning(device, UNTUNED);
  try {
    for (const part of FIGURE_PARTS) {
      if (signal.aborted) break;
      const tell: Observer['onProgress'] = (what, done, total) => onProgress?.({ part, what, done, total });
      const found = await tryPart(device, part, quick, { signal, onProgress: tell });
      const seconds = (performance.now() - start) / 1000;
      figures = { ...figures, ...found(figures), seconds, stopped: signal.aborted };
      device.trim();
      onPart?.(figures);
    }
  } finally {
    setTuning(device, tuning);
  }
  return { ...figures, stopped: signal.aborted };
}

/** What a part adds to the figures: what was found, or why nothing was. */
async function tryPart(
  device: Device,
  part: FigurePart,
  quick: boolean,
  observer: Observer,
): Promise<(figures: AdapterFigures) => Partial<AdapterFigures>> {
  try {
    const found = await MEASURE[part](device, quick, observer);
    return () => (found === undefined ? {} : { [part]: found });
  } catch (error) {
    if (observer.signal.aborted) return () => ({});
    if (error instanceof FoveaError && error.code === 'device-lost') throw error;
    const message = messageOf(error);
    return ({ failed }) => ({ failed: [...failed, { part, message }] });
  }
}
