/**
 * @file Shows what `toOnnx` writes to the real libraries: onnxruntime on photographs, and ONNX's checker.
 *
 *     python3 -m venv .venv && .venv/bin/pip install -r scripts/interop/requirements.txt
 *     npm install --ignore-scripts --no-save --prefix .onnxruntime onnxruntime-node@1.30.0
 *     npx tsx scripts/interop/onnx.ts --photographs DIR --python .venv/bin/python --onnxruntime .onnxruntime [--layers 18,50] [--size 224]
 *
 * The networks have random weights, and running statistics of the photographs; what a block adds is scaled by a quarter. Else their
 * numbers would grow from block to block, and rounding with them, as in no trained network.
 */

import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  type Batch,
  createDevice,
  decodeImage,
  PREPROCESSINGS,
  type Preprocessing,
  predict,
  ResNet,
  type ResNetLayers,
  recalibrate,
  resizeBilinear,
  toOnnx,
} from '../../src/index.ts';

/** What is used of onnxruntime. */
interface Runtime {
  Tensor: new (type: 'float32' | 'uint8', data: Float32Array | Uint8Array, dims: number[]) => unknown;
  InferenceSession: {
    create(path: string): Promise<{ run(inputs: object): Promise<{ logits: { data: Float32Array } }> }>;
  };
}

const { values } = parseArgs({
  options: {
    photographs: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    onnxruntime: { type: 'string', default: '.' },
    layers: { type: 'string', default: '18,34,50,101,152' },
    size: { type: 'string', default: '224' },
    count: { type: 'string', default: '8' },
  },
});
if (!values.photographs) throw new Error('give --photographs DIR');
const size = Number(values.size);
const runtime: Runtime = createRequire(`${resolve(values.onnxruntime)}/`)('onnxruntime-node');
const paths = (await readdir(values.photographs, { recursive: true }))
  .filter((name) => /\.jpe?g$/i.test(name))
  .sort()
  .map((name) => join(values.photographs!, name));
const every = Math.max(1, Math.floor(paths.length / Number(values.count)));
const files = await Promise.all(
  paths
    .filter((_, i) => i % every === 0)
    .slice(0, Number(values.count))
    .map((path) => readFile(path)),
);

/** The photographs, scaled, in an order of channels. */
function photographs(order: 'rgb' | 'bgr'): Uint8Array {
  const images = files.map((file) => resizeBilinear(decodeImage(file, { order }), size, size).data);
  return Uint8Array.from(Buffer.concat(images));
}

/** What onnxruntime makes of a file. */
async function logitsOf(path: string, input: object): Promise<Float32Array> {
  const session = await runtime.InferenceSession.create(path);
  return (await session.run(input)).logits.data;
}

/** Sets what the last batch norm of each block multiplies by. */
function scaleBranches(model: ResNet, layers: ResNetLayers): void {
  const last = layers < 50 ? '.conv1._batch_norm.weight' : '.conv2._batch_norm.weight';
  const scales = model
    .namedParameters()
    .filter(([name]) => name.endsWith(last))
    .map(([name, { size, shape }]) => [name, { shape, data: new Float32Array(size).fill(0.25) }] as const);
  model.loadStateDict(new Map(scales), { strict: false });
}

const rgb = photographs('rgb');
const device = await createDevice();
const folder = await mkdtemp(join(tmpdir(), 'fovea-onnx-'));
for (const layers of values.layers.split(',').map(Number) as ResNetLayers[]) {
  for (const preprocessing of ['original', 'imagenet'] as Preprocessing[]) {
    const { order, normalization } = PREPROCESSINGS[preprocessing];
    const images = order === 'rgb' ? rgb : photographs(order);
    const names = files.map((_, i) => `photograph ${i}`);
    const batch: Batch = {
      images,
      labels: new Float32Array(files.length),
      names,
      size,
      index: 0,
      preprocessing,
    };
    const source = {
      length: 1,
      async *epoch() {
        yield batch;
      },
    };
    const model = new ResNet(device, { layers, classDim: 2 });
    scaleBranches(model, layers);
    await recalibrate(model, source);
    const { logits } = await predict(model, source);
    const path = (place: string) => join(folder, `${layers}-${preprocessing}-${place}.onnx`);
    const options = { inputShape: [3, size, size] };
    await writeFile(path('outside'), await toOnnx(model, options));
    await writeFile(
      path('inside'),
      await toOnnx(model, { ...options, preprocessing: PREPROCESSINGS[preprocessing] }),
    );
    model.dispose();

    const { mean, std } = normalization;
    const planes = Float32Array.from({ length: images.length }, (_, i) => {
      const [pixel, channel] = [i % (size * size), Math.floor(i / (size * size)) % 3];
      const image = Math.floor(i / (3 * size * size));
      const byte = images[3 * (image * size * size + pixel) + channel]!;
      return (byte / 255 - mean[channel]!) / std[channel]!;
    });
    const found = {
      outside: await logitsOf(path('outside'), {
        input: new runtime.Tensor('float32', planes, [files.length, 3, size, size]),
      }),
      inside: await logitsOf(path('inside'), {
        images: new runtime.Tensor('uint8', rgb, [files.length, size, size, 3]),
      }),
    };
    const largest = Math.max(...logits.map(Math.abs));
    for (const [place, other] of Object.entries(found)) {
      const difference = Math.max(...logits.map((value, i) => Math.abs(value - other[i]!)));
      const verdict = difference < 1e-4 ? 'passed' : 'FAILED';
      console.log(
        `ResNet-${layers}, ${size}², ${preprocessing} ${place}: logits up to ${largest.toFixed(3)}, ` +
          `largest difference ${difference.toExponential(1)} over ${files.length} photographs: ${verdict}`,
      );
      if (verdict === 'FAILED') process.exitCode = 1;
    }
    const check = fileURLToPath(new URL('check_onnx.py', import.meta.url));
    const report = execFileSync(values.python, [check, path('outside'), path('inside')], {
      encoding: 'utf8',
    });
    console.log(report.trim().replaceAll(`${folder}/`, '  '));
    await rm(path('outside'));
    await rm(path('inside'));
  }
}
await rm(folder, { recursive: true });
device.destroy();
