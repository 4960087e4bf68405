/**
 * @file `fovea serve`
 */

import { Command } from 'commander';
import type { AdapterKind } from '../device/adapter-source.ts';
import { blockFor } from '../explain/block-for.ts';
import { DEFAULT_LIMITS } from '../serve/limits.ts';
import { servePredictions } from '../serve/serve.ts';
import { modelOfCheckpoint } from '../train/checkpoint.ts';
import { adapter, integer, MAX_PIXELS_HELP } from './arguments.ts';
import { listenForInterrupt } from './interrupt.ts';
import { classesOf, loadClassifier } from './load-classifier.ts';
import { openDevice } from './open-device.ts';
import { print, warn } from './output.ts';

interface Options {
  readonly checkpoint: string;
  readonly host: string;
  readonly port: number;
  readonly maxBatch: number;
  readonly maxWait: number;
  readonly maxQueue: number;
  readonly maxUpload: number;
  readonly maxPixels: number;
  readonly adapter: AdapterKind;
}

const MEGABYTE = 2 ** 20;
const { maxBatch, maxWait, maxQueue, maxUpload, maxPixels } = DEFAULT_LIMITS;

/** The command `serve`. */
export const serveCommand = new Command('serve')
  .description('answer predictions over HTTP; not medical advice')
  .requiredOption('--checkpoint <file>', 'checkpoint that `fovea train` wrote')
  .option('--host <address>', 'address to listen at; 0.0.0.0 is open to everyone', '127.0.0.1')
  .option('--port <n>', 'port to listen at, 0 for any that is free', integer(0, 65535), 8080)
  .option('--max-batch <n>', 'images that are computed together at most', integer(1, 1024), maxBatch)
  .option(
    '--max-wait <ms>',
    'how long an image waits for others, in milliseconds',
    integer(0, 60_000),
    maxWait,
  )
  .option('--max-queue <n>', 'images that wait at most; more are refused', integer(1), maxQueue)
  .option('--max-upload <MiB>', 'size of a request at most', integer(1, 1024), maxUpload / MEGABYTE)
  .option('--max-pixels <n>', MAX_PIXELS_HELP, integer(1), maxPixels)
  .option('--adapter <kind>', 'auto, hardware or software', adapter, 'auto')
  .action(async ({ checkpoint: path, adapter, maxUpload, ...options }: Options) => {
    const checkpoint = await loadClassifier(path);
    const device = await openDevice(adapter);
    try {
      const model = modelOfCheckpoint(device, checkpoint);
      const config = {
        ...checkpoint.config,
        classes: classesOf(checkpoint.config),
        layer: blockFor(model, checkpoint.config.size),
      };
      const server = await servePredictions(model, config, {
        ...options,
        maxUpload: maxUpload * MEGABYTE,
        onEvent: warn,
      });
      print(`Listening at ${server.url}`);
      const interrupt = listenForInterrupt((signal) => {
        warn(`${signal}: answering what was asked, then ending. Again to end at once.`);
      });
      const asked = new Promise<undefined>((resolve) => {
        interrupt.signal.addEventListener('abort', () => resolve(undefined));
      });
      const failure = await Promise.race([asked, server.failed]);
      await server.close();
      interrupt.release();
      if (failure) throw failure;
    } finally {
      device.destroy();
    }
  });
