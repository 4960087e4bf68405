/**
 * @file A server of predictions (Node). Imported on demand, since it brings the HTTP framework.
 */

import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { type FoveaError, messageOf } from '../errors.ts';
import type { Module } from '../nn/module.ts';
import { createApp } from './app.ts';
import type { ServedConfig } from './classifier.ts';
import type { ServerLimits } from './limits.ts';
import { end, listen } from './listen.ts';
import { ServerMetrics } from './metrics.ts';
import type { PredictionServer, PredictionServerOptions } from './options.ts';
import { Predictor } from './predictor.ts';
import { ServedModel } from './served-model.ts';

/** How long heads and bodies of requests may take, in milliseconds. */
const HEAD_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 120_000;

/** See `servePredictions`. */
export async function startServer(
  model: Module,
  config: ServedConfig,
  limits: ServerLimits,
  options: PredictionServerOptions,
): Promise<PredictionServer> {
  const { host = '127.0.0.1', port = 8080, workers, onEvent } = options;
  const metrics = new ServerMetrics(() => predictor.inFlight);
  let unready: string | undefined;
  let closing: Promise<void> | undefined;
  let gone: (error: FoveaError) => void;
  const failed = new Promise<FoveaError>((resolve) => {
    gone = resolve;
  });
  const served = await ServedModel.prepare(model, config, limits.maxBatch, {
    onLost: () => {
      unready = 'The device was lost and is being opened again.';
      metrics.countLoss();
      onEvent?.('The device was lost: it is being opened again.');
    },
    onReopened: () => {
      unready = undefined;
      onEvent?.('The device is open again.');
    },
    onGone: (error) => {
      unready = 'The device failed.';
      gone(error);
    },
  });
  const predictor = new Predictor(
    config,
    limits,
    async (jobs) => {
      const start = performance.now();
      const findings = await served.classify(jobs);
      metrics.countBatch(jobs.length, (performance.now() - start) / 1000);
      return findings;
    },
    workers,
  );
  const app = createApp({
    ...{ config, limits, metrics },
    unready: () => (closing ? 'The server is shutting down.' : unready),
    isClosing: () => closing !== undefined,
    classify: (uploads, explain) => predictor.findings(uploads, explain),
    onError: (error) => onEvent?.(`A request failed: ${messageOf(error)}`),
  });
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { headersTimeout: HEAD_TIMEOUT, requestTimeout: REQUEST_TIMEOUT },
  }) as Server;
  const url = await listen(server, host, port).catch(async (error) => {
    await predictor.close();
    throw error;
  });
  return {
    url,
    failed,
    close: () => {
      closing ??= end(server).then(() => predictor.close());
      return closing;
    },
  };
}
