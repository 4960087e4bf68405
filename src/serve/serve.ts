/**
 * @file A server of predictions, as a program starts it (Node).
 */

import {
  checkArgument,
  checkOptions,
  checkProperties,
  FUNCTION,
  listOf,
  type OptionRules,
  required,
  STRING,
  whole,
} from '../arguments.ts';
import { CHANNEL_ORDER } from '../data/image.ts';
import { WORKERS } from '../data/pixel-dataset.ts';
import { PREPROCESSING } from '../data/preprocessing.ts';
import { namedModule } from '../explain/named-module.ts';
import { MODULE, type Module } from '../nn/module.ts';
import type { ServedConfig } from './classifier.ts';
import { LIMITS, limitsOf } from './limits.ts';
import type { PredictionServer, PredictionServerOptions } from './options.ts';

const CONFIG: OptionRules<ServedConfig> = {
  size: required(whole(1)),
  channelOrder: required(CHANNEL_ORDER),
  preprocessing: PREPROCESSING,
  classes: listOf(STRING, 'an array of names'),
  layer: STRING,
};
const OPTIONS: OptionRules<PredictionServerOptions> = {
  ...LIMITS,
  host: {
    holds: (value) => typeof value === 'string' && value !== '',
    words: 'an address, such as 127.0.0.1',
  },
  port: whole(0, 65535),
  workers: WORKERS,
  onEvent: FUNCTION,
};

/**
 * Serves the predictions of `model` over HTTP: `POST /predict` takes images, one as the body or several as a form, and gives what
 * the model makes of them; `/healthz`, `/metrics` (Prometheus), `/openapi.json` and a page to try it at `/`. Images of requests
 * that come together are computed together. `config` is that of a checkpoint; with a `layer`, `?explain=true` gives Grad-CAM.
 *
 *     const checkpoint = await loadCheckpoint('runs/first/best');
 *     const server = await servePredictions(modelOfCheckpoint(device, checkpoint), checkpoint.config, { port: 0 });
 *     process.once('SIGTERM', () => server.close());
 *
 * The model is put into evaluation mode and must not be used otherwise meanwhile. A device that is lost is opened again; requests
 * are answered by 503 meanwhile. Throws 'in-use' where the port is taken, 'invalid-argument' for an
 * address that is none of this machine, for a layer that the model has not, for limits that contradict each other, and for other arguments.
 */
export async function servePredictions(
  model: Module,
  config: ServedConfig,
  options: PredictionServerOptions = {},
): Promise<PredictionServer> {
  checkArgument('the model of servePredictions', model, MODULE);
  checkProperties('the config of servePredictions', config, CONFIG);
  checkOptions('servePredictions', options, OPTIONS);
  const { layer } = config;
  if (layer !== undefined) namedModule(model, layer);
  const { startServer } = await import('./prediction-server.ts');
  return startServer(model, config, limitsOf(options), options);
}
