/**
 * @file `fovea export` and `fovea serve` as a user runs them, and as a system ends the latter.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BEGINNING, encodePng, ResNet, SGD, saveCheckpoint, takeCheckpoint } from '../../src/index.ts';
import { ModelProtoSchema } from '../../src/interop/onnx/schema.ts';
import { openTestDevice } from '../support/device.ts';
import { fovea, MAIN } from './fovea.ts';

let folder: string;
let checkpoint: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-serve-'));
  checkpoint = join(folder, 'checkpoint');
  const device = await openTestDevice();
  const model = new ResNet(device, { layers: 18, classDim: 1 });
  const optimizer = new SGD({ parameters: model.parameters(), learningRate: 0.1 });
  const config = { layers: 18, classDim: 1, size: 32, channelOrder: 'bgr', classes: ['no', 'yes'] } as const;
  await saveCheckpoint(checkpoint, await takeCheckpoint(model, optimizer, { config, progress: BEGINNING }));
  device.destroy();
}, 120_000);

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** A server in a process of its own, which gathers a batch for so many milliseconds. */
async function serve(maxWait: number) {
  const args = ['serve', '--checkpoint', checkpoint, '--port', '0', '--max-wait', String(maxWait)];
  const child = spawn(process.execPath, [MAIN, ...args]);
  children.push(child);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let printed = '';
  child.stderr.on('data', (text) => {
    printed += text;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text) => {
      printed += text;
      const [, found] = /Listening at (\S+)/.exec(printed) ?? [];
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error(printed)));
  });
  return { child, url, ended, printed: () => printed };
}

const image = {
  width: 40,
  height: 30,
  channels: 3,
  order: 'rgb',
  data: new Uint8Array(40 * 30 * 3).fill(90),
} as const;

test('a server that is asked to end answers what it was asked, says nothing of it, and exits with 0', async () => {
  const { child, url, ended, printed } = await serve(1500);
  const form = new FormData();
  form.append('images', new Blob([encodePng(image) as Uint8Array<ArrayBuffer>]), 'private-name.png');
  const asked = fetch(`${url}predict`, { method: 'POST', body: form });
  let metrics = '';
  for (let i = 0; i < 1000 && !metrics.includes('fovea_images_in_flight 1'); i++)
    metrics = await (await fetch(`${url}metrics`)).text();
  expect(metrics).toContain('fovea_images_in_flight 1');
  child.kill('SIGTERM');
  const response = await asked;
  expect(response.status).toBe(200);
  const { predictions } = await response.json();
  expect(predictions[0]).toMatchObject({
    image: 'private-name.png',
    label: expect.stringMatching(/^(no|yes)$/),
  });
  expect(await ended).toBe(0);
  expect(printed()).toMatch(/SIGTERM: answering what was asked/);
  expect(printed()).not.toContain('private-name');
}, 120_000);

test('export writes the network of a checkpoint with what a caller must know', async () => {
  const out = join(folder, 'model.onnx');
  const { code, stdout, stderr } = await fovea('export', checkpoint, out, '--preprocessing', 'inside');
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/model\.onnx: ResNet-18, 4\d\.\d MiB\n$/);
  const { metadataProps, graph } = fromBinary(ModelProtoSchema, await readFile(out));
  expect(graph!.input[0]!.name).toBe('images');
  expect(Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]))).toEqual({
    ...{ architecture: 'ResNet-18', classes: '["no","yes"]', size: '32' },
    ...{ preprocessing: 'inside', channelOrder: 'rgb' },
  });
}, 120_000);
