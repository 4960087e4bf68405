/**
 * @file What measures each part of an adapter's figures.
 */

import type { Device } from '../device/device.ts';
import { verify } from '../verify/verify.ts';
import { measureConvolutions } from './convolutions.ts';
import type { AdapterFigures, FigurePart } from './figures.ts';
import { measureGradients } from './gradients.ts';
import type { Observer } from './observer.ts';
import { measureSteps } from './steps.ts';
import { measureTuning } from './tuning.ts';

/** Each gives undefined where it was stopped before there was anything to tell. */
export const MEASURE: {
  readonly [Part in FigurePart]: (
    device: Device,
    quick: boolean,
    observer: Observer,
  ) => Promise<AdapterFigures[Part]>;
} = {
  certificate: async (device, quick, { signal, onProgress }) =>
    quick ? undefined : verify(device, { signal, onProgress: (done, total) => onProgress('', done, total) }),
  gradients: measureGradients,
  convolutions: measureConvolutions,
  steps: measureSteps,
  tuning: measureTuning,
};
