/**
 * @file A server of predictions, asked over a real socket: what it gives, what it refuses, how it ends.
 */

import { connect, type Socket } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import {
  Conv2D,
  type Device,
  encodePng,
  Flatten,
  Linear,
  type Module,
  noGrad,
  normalizeImages,
  Pool2D,
  type PredictionServer,
  type PredictionServerOptions,
  Random,
  relu,
  resizeBilinear,
  Sequential,
  servePredictions,
  tensor,
} from '../../src/index.ts';
import { DEFAULT_LIMITS, limitsOf } from '../../src/serve/limits.ts';
import { chunkOf } from '../data/png/fixtures.ts';
import { testDevice } from '../support/device.ts';
import { LosableDevice } from '../support/losable-device.ts';

const SIZE = 8;
/** Where a PNG has the data of its first chunk, which begin with width and height. */
const HEADER = { from: 16, to: 29 };
const CLASSES = ['left', 'middle', 'right'];

function tinyModel(device: Device, classDim = 3): Module {
  const random = new Random(3);
  return new Sequential(device, [
    new Conv2D(device, { inChannels: 3, outChannels: 4, kernel: 3, padding: 1, random }),
    relu,
    new Pool2D(device, { type: 'avg', kernel: 4 }),
    new Flatten(device),
    new Linear(device, { inFeatures: 16, outFeatures: classDim, random }),
  ]);
}

/** An image of `side` × `side` noisy pixels. */
function photograph(seed: number, side = 12) {
  const random = new Random(seed);
  const data = Uint8Array.from({ length: side * side * 3 }, () => random.integer(256));
  return { width: side, height: side, channels: 3, order: 'bgr', data } as const;
}
const pngOf = (seed: number, side?: number) =>
  new Blob([encodePng(photograph(seed, side)) as Uint8Array<ArrayBuffer>]);

const device = await testDevice();
const model = tinyModel(device);
const CONFIG = { size: SIZE, channelOrder: 'bgr', classes: CLASSES, layer: '0' } as const;
const servers: PredictionServer[] = [];

async function serve(options: PredictionServerOptions = {}, served = model): Promise<PredictionServer> {
  const server = await servePredictions(served, CONFIG, { port: 0, workers: 1, ...options });
  servers.push(server);
  return server;
}

const shared = await serve();

afterAll(() => Promise.all(servers.map((server) => server.close())));

/** What a prediction should be. */
async function logitsOf(seed: number): Promise<Float32Array> {
  const { data } = resizeBilinear(photograph(seed), SIZE, SIZE);
  const images = tensor(device, data, [1, SIZE, SIZE, 3], { layout: 'row-major' });
  return noGrad(device, () => model(normalizeImages(images))).data();
}

function formOf(...files: Blob[]): FormData {
  const form = new FormData();
  files.forEach((file, i) => {
    form.append('images', file, `${i}.png`);
  });
  return form;
}

async function post({ url }: PredictionServer, body: BodyInit, path = 'predict', type?: string) {
  const headers = type === undefined ? {} : { 'content-type': type };
  const response = await fetch(`${url}${path}`, { method: 'POST', body, headers });
  return { status: response.status, headers: response.headers, answer: await response.json() };
}

describe('predictions', () => {
  test('of one image, sent as it is', async () => {
    const { status, answer } = await post(shared, pngOf(1), 'predict', 'image/png');
    expect(status).toBe(200);
    const logits = await logitsOf(1);
    const [prediction, ...others] = answer.predictions;
    expect(others).toEqual([]);
    expect(prediction.logits).toHaveLength(3);
    prediction.logits.forEach((value: number, i: number) => {
      expect(value).toBeCloseTo(logits[i]!, 4);
    });
    const best = logits.indexOf(Math.max(...logits));
    expect(prediction).toMatchObject({ image: 'image 1', class: best, label: CLASSES[best] });
    expect(prediction.probabilities.reduce((a: number, b: number) => a + b)).toBeCloseTo(1, 5);
    expect(prediction).not.toHaveProperty('map');
  });

  test('of several images, sent as a form, in their order', async () => {
    const { answer } = await post(shared, formOf(pngOf(2), pngOf(3), pngOf(1)));
    expect(answer.classes).toEqual(CLASSES);
    expect(answer.predictions.map(({ image }: { image: string }) => image)).toEqual([
      '0.png',
      '1.png',
      '2.png',
    ]);
    for (const [i, seed] of [2, 3, 1].entries())
      expect(answer.predictions[i].logits[0]).toBeCloseTo((await logitsOf(seed))[0]!, 4);
  });

  test('with maps of what speaks for the class', async () => {
    const { answer } = await post(shared, formOf(pngOf(2), pngOf(3)), 'predict?explain=true');
    for (const { map } of answer.predictions) {
      const [type, data] = map.split(',');
      expect(type).toBe('data:image/png;base64');
      expect([...Buffer.from(data, 'base64').subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    }
    expect(answer.predictions[0].map).not.toBe(answer.predictions[1].map);
  });

  test('of two classes', async () => {
    const server = await servePredictions(
      tinyModel(device, 1),
      { size: SIZE, channelOrder: 'rgb' },
      { port: 0 },
    );
    servers.push(server);
    const { answer } = await post(server, pngOf(1), 'predict', 'image/png');
    const [{ logits, probabilities, label, class: found }] = answer.predictions;
    expect(logits).toHaveLength(1);
    const expected = 1 / (1 + Math.exp(-logits[0]));
    expect(probabilities[0]).toBeCloseTo(1 - expected, 5);
    expect(probabilities[1]).toBeCloseTo(expected, 5);
    expect([found, label]).toEqual([Number(expected >= 0.5), `class ${Number(expected >= 0.5)}`]);
    const refused = await post(server, pngOf(1), 'predict?explain=true', 'image/png');
    expect([refused.status, refused.answer.error]).toEqual([400, 'This server has no layer to explain by.']);
  });

  test('of requests that come together are computed together', async () => {
    const server = await serve({ maxWait: 2000, maxBatch: 3 });
    const answers = await Promise.all(
      [1, 2, 3].map((seed) => post(server, pngOf(seed), 'predict', 'image/png')),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const [i, seed] of [1, 2, 3].entries())
      expect(answers[i]!.answer.predictions[0].logits[0]).toBeCloseTo((await logitsOf(seed))[0]!, 4);
    const text = await (await fetch(`${server.url}metrics`)).text();
    expect(text).toContain('fovea_batch_images_sum 3\nfovea_batch_images_count 1\n');
  });
});

describe('refuses', () => {
  const png = Buffer.from(encodePng(photograph(1, 1)));
  const header = Buffer.from(png.subarray(HEADER.from, HEADER.to));
  header.writeUInt32BE(60_000, 0); // width
  header.writeUInt32BE(60_000, 4); // height
  const bomb = new Blob([
    Uint8Array.from(
      Buffer.concat([png.subarray(0, 8), chunkOf('IHDR', header), png.subarray(HEADER.to + 4)]),
    ),
  ]);
  const whole = Buffer.from(encodePng(photograph(1)));

  test.each([
    ['what is no image', new Blob(['hello']), 'image/png', 422, /^image 1: Neither a JPEG .* nor a PNG/],
    ['a truncated image', new Blob([whole.subarray(0, 100)]), 'image/png', 422, /image 1/],
    ['a bomb', bomb, 'image/png', 422, /image 1: .* 60000×60000 pixels, .* at most 50000000/],
    ['another type', '{}', 'application/json', 415, /send an image as/],
    ['an empty body', '', 'image/png', 400, /empty/],
    ['a damaged one of several', formOf(pngOf(1), new Blob(['x'])), undefined, 422, /^1\.png: Neither/],
  ])('%s', async (_, body, type, status, message) => {
    const { answer, ...response } = await post(shared, body, 'predict', type);
    expect(response.status).toBe(status);
    expect(answer.error).toMatch(message);
  });

  test.each([
    ['predict?explain=yes', 400, /true or false/],
    ['predict?layer=0', 400, /no parameter layer/],
    ['train', 404, /no POST \/train/],
  ])('%s', async (path, status, message) => {
    const { answer, ...response } = await post(shared, pngOf(1), path, 'image/png');
    expect(response.status).toBe(status);
    expect(answer.error).toMatch(message);
  });

  test('more bytes, images, pixels and pending bytes than it takes', async () => {
    const server = await serve({
      maxUpload: 20_000,
      maxImages: 3,
      maxPending: 20_000,
      maxPixels: 400,
    });
    const stream = new Response(new Blob([new Uint8Array(30_000)])).body!; // of unknown length
    const chunked = await fetch(`${server.url}predict`, {
      method: 'POST',
      body: stream,
      headers: { 'content-type': 'image/png' },
      ...{ duplex: 'half' },
    });
    expect([chunked.status, (await chunked.json()).error]).toEqual([
      413,
      expect.stringMatching(/more than 20000 bytes/),
    ]);
    const refused = [
      [
        await post(server, new Blob([new Uint8Array(30_000)]), 'predict', 'image/png'),
        413,
        /more than 20000 bytes/,
      ],
      [await post(server, formOf(...[1, 2, 3, 4].map((seed) => pngOf(seed)))), 413, /more than 3 images/],
      [
        await post(server, pngOf(1, 21), 'predict', 'image/png'),
        422,
        /21×21 pixels, 441 in all, and at most 400/,
      ],
    ] as const;
    for (const [{ answer, ...response }, status, message] of refused) {
      expect(answer.error).toMatch(message);
      expect(response.status).toBe(status);
    }

    const { hostname, port } = new URL(server.url);
    const slow = await new Promise<Socket>((resolve) => {
      const socket = connect(Number(port), hostname, () => resolve(socket));
    });
    slow.write(
      'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nContent-Length: 19900\r\n\r\nbegin',
    );
    // Its head has arrived when two requests after it were answered.
    for (let i = 0; i < 2; i++) await (await fetch(`${server.url}healthz`)).text();
    let pending = await post(server, pngOf(1), 'predict', 'image/png');
    expect([pending.status, pending.answer.error]).toEqual([429, 'Too many uploads at once.']);
    expect(pending.headers.get('retry-after')).toBe('1');
    slow.destroy();
    for (let i = 0; i < 50 && pending.status === 429; i++)
      pending = await post(server, pngOf(1), 'predict', 'image/png');
    expect(pending.status).toBe(200);
  });
});

test('a client that breaks off is no error of the server', async () => {
  const events: string[] = [];
  const server = await serve({ onEvent: (message) => events.push(message) });
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\nContent-Length: 900\r\n\r\nbegin',
  );
  socket.end();
  const predicted = /fovea_http_requests_total\{route="\/predict",status="(\d+)"\} 1/;
  let metrics = '';
  for (let i = 0; i < 500 && !predicted.test(metrics); i++)
    metrics = await (await fetch(`${server.url}metrics`)).text();
  expect(predicted.exec(metrics)?.[1]).toBe('400');
  expect(events).toEqual([]);
});

describe('tells about itself', () => {
  test('healthz, metrics and other routes', async () => {
    expect(await (await fetch(`${shared.url}healthz`)).json()).toEqual({ status: 'ok' });
    await fetch(`${shared.url}some/path/of/mine`);
    const metrics = await fetch(`${shared.url}metrics`);
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await metrics.text();
    expect(text).toContain('fovea_http_requests_total{route="/healthz",status="200"}');
    expect(text).toContain('fovea_http_requests_total{route="other",status="404"}');
    expect(text).not.toContain('mine');
    expect(text).toMatch(/^fovea_images_in_flight 0$/m);
    for (const line of text.trim().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) .+|[a-z_]+(\{.*\})? [\d.e+-]+|)$/);
  });

  test('an OpenAPI document, whose answers are those that come', async () => {
    const document = await (await fetch(`${shared.url}openapi.json`)).json();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(['/predict', '/healthz', '/metrics']);
    const { responses } = document.paths['/predict'].post;
    expect(Object.keys(responses)).toEqual(['200', '400', '413', '415', '422', '429', '503']);
    const { properties } = responses[200].content['application/json'].schema.properties.predictions.items;
    const { answer } = await post(shared, pngOf(1), 'predict?explain=true', 'image/png');
    expect(Object.keys(answer.predictions[0])).toEqual(Object.keys(properties));
  });

  test('a page that loads nothing from elsewhere', async () => {
    const page = await fetch(shared.url);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    const text = await page.text();
    expect(text).toContain("fetch('predict'");
    expect(text).not.toMatch(/https?:|\/\/|@import|url\(/);
  });
});

test('while it closes, what was asked is answered, and nothing else', async () => {
  const server = await serve({ maxWait: 2000, maxBatch: 2 });
  const asked = post(server, pngOf(1), 'predict', 'image/png');
  let text = '';
  const isInFlight = /^fovea_images_in_flight 1$/m;
  for (let i = 0; i < 1000 && !isInFlight.test(text); i++)
    text = await (await fetch(`${server.url}metrics`)).text();
  expect(text).toMatch(isInFlight);
  const closed = server.close();
  const { status, headers, answer } = await asked;
  expect([status, headers.get('connection')]).toEqual([200, 'close']);
  expect(answer.predictions).toHaveLength(1);
  await closed;
  await expect(fetch(`${server.url}healthz`)).rejects.toThrow();
  expect(server.close()).toBe(server.close());
});

test('a device that is lost is opened again, and requests are told so meanwhile', async () => {
  const losable = await LosableDevice.open();
  const events: string[] = [];
  const server = await serve({ onEvent: (message) => events.push(message) }, tinyModel(losable.device));
  const ask = () => post(server, pngOf(1), 'predict', 'image/png');
  const before = await ask();
  losable.lose();
  const lost = await ask();
  expect([lost.status, lost.headers.get('retry-after')]).toEqual([503, '1']);
  expect(lost.answer.error).toBe('The device was lost and is being opened again.');
  let health = await fetch(`${server.url}healthz`);
  for (let i = 0; i < 500 && !health.ok; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    health = await fetch(`${server.url}healthz`);
  }
  expect((await ask()).answer).toEqual(before.answer);
  expect(events).toEqual(['The device was lost: it is being opened again.', 'The device is open again.']);
  await server.close();
  losable.device.destroy();
});

test('a device that is gone for good is told', async () => {
  const losable = await LosableDevice.open();
  const server = await serve({}, tinyModel(losable.device));
  losable.device.destroy();
  const { status } = await post(server, pngOf(1), 'predict', 'image/png');
  expect(status).toBe(503);
  expect(await server.failed).toMatchObject({ code: 'device-lost' });
});

test('a device that fails without being lost is told', async () => {
  const losable = await LosableDevice.open();
  const server = await serve({}, tinyModel(losable.device));
  losable.refuseMemory(true);
  const ask = () => post(server, pngOf(1), 'predict', 'image/png');
  const failed = await ask();
  expect([failed.status, failed.answer.error]).toEqual([500, expect.stringContaining('WebGPU refused')]);
  expect(await server.failed).toMatchObject({ code: 'validation' });
  expect(await ask()).toMatchObject({ status: 503, answer: { error: 'The device failed.' } });
  losable.device.destroy();
});

test('an address that is taken is told', async () => {
  const { port } = new URL(shared.url);
  await expect(serve({ port: Number(port) })).rejects.toThrow(
    /cannot listen at 127\.0\.0\.1:\d+.*EADDRINUSE/,
  );
});

test('a layer that is none is told', async () => {
  await expect(servePredictions(model, { ...CONFIG, layer: 'none' }, { port: 0 })).rejects.toThrow(
    /no layer called 'none': its names are like 0, /,
  );
});

test('limits that contradict each other are told', async () => {
  await expect(serve({ maxImages: 3, maxQueue: 2 })).rejects.toThrow(
    /maxImages is 3 and maxQueue 2: .* raise/,
  );
  await expect(serve({ maxUpload: 3, maxPending: 2 })).rejects.toThrow(/maxUpload is 3 and maxPending 2/);
});

test('limits that are left out fit those that are given', () => {
  expect(limitsOf({ maxQueue: 2, maxUpload: 2 ** 30 })).toEqual({
    ...DEFAULT_LIMITS,
    ...{ maxQueue: 2, maxImages: 2, maxUpload: 2 ** 30, maxPending: 2 ** 30 },
  });
});
