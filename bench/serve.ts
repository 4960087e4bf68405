/**
 * @file Measures a server under load: how long clients wait that each ask again as soon as they are answered, by batches and one by one.
 */

import { encodePng } from '../src/data/png/encode-png.ts';
import type { Device } from '../src/device/device.ts';
import { type NetworkOptions, noiseBatch } from '../src/laboratory/trainer.ts';
import { ResNet } from '../src/nn/resnet.ts';
import { servePredictions } from '../src/serve/serve.ts';
import type { Row } from './results.ts';

/** How many clients there are at one time. */
const CLIENTS = [1, 8, 64];
/** Requests of each measurement, and of each client at least. */
const REQUESTS = 48;
const LEAST = 3;

/** Rows for each number of clients, with batches of `batch` images and of one. The clients run in this process. */
export async function benchServe(device: Device, options: NetworkOptions): Promise<Row[]> {
  const { layers, size, batch } = options;
  const model = new ResNet(device, { layers });
  const data = noiseBatch({ ...options, batch: 1 }).images;
  const image = encodePng({ width: size, height: size, channels: 3, order: 'bgr', data });
  const rows: Row[] = [];
  for (const maxBatch of [batch, 1]) {
    const server = await servePredictions(
      model,
      { size, channelOrder: 'bgr' },
      { port: 0, maxBatch, maxQueue: 2 * Math.max(...CLIENTS) },
    );
    const ask = () => timeRequest(`${server.url}predict`, image as Uint8Array<ArrayBuffer>);
    await Promise.all(Array.from({ length: 2 * maxBatch }, ask)); // compiles, and starts the decoding threads
    for (const clients of CLIENTS) {
      const each = Math.max(LEAST, Math.ceil(REQUESTS / clients));
      const start = performance.now();
      const waits = (await Promise.all(Array.from({ length: clients }, () => askInTurn(ask, each)))).flat();
      const seconds = (performance.now() - start) / 1000;
      rows.push({
        name: `${clients} clients, ${maxBatch === 1 ? 'one by one' : `batches of up to ${maxBatch}`}`,
        milliseconds: quantile(waits, 0.5),
        figures: {
          'p99 ms': quantile(waits, 0.99),
          'images/s': waits.length / seconds,
          requests: waits.length,
        },
      });
    }
    await server.close();
  }
  model.dispose();
  return rows;
}

async function askInTurn(ask: () => Promise<number>, requests: number): Promise<number[]> {
  const waits: number[] = [];
  for (let i = 0; i < requests; i++) waits.push(await ask());
  return waits;
}

/** Milliseconds until an image is answered. */
async function timeRequest(url: string, body: Uint8Array<ArrayBuffer>): Promise<number> {
  const start = performance.now();
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'image/png' }, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return performance.now() - start;
}

/** The least wait that a share of all does not exceed. */
function quantile(waits: readonly number[], share: number): number {
  const sorted = waits.toSorted((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1]!;
}
