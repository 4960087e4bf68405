/**
 * @file fovea as a contestant of a harness that measures WebGPU libraries side by side; to be copied into its
 * `contestants/`. fovea is taken from `node_modules`, or from the file that FOVEA_DIST names.
 *
 * A job is `{ run(), read() }`: one finished execution, and its result. `s` is the shape of a case (N, C, H, W, K
 * filters of R × S, output P × Q), data are NCHW and OIHW.
 */

import { pathToFileURL } from 'node:url';

export const meta = { device: 'webgpu', ownDawn: true, packages: ['fovea', 'webgpu'], layout: 'NHWC' };

/** A graph serves one backward, so that every run needs its own; the harness runs a case six times. */
const GRAPHS = 6;

export async function open() {
  const { FOVEA_DIST } = process.env;
  const fovea = await import(FOVEA_DIST ? pathToFileURL(FOVEA_DIST).href : 'fovea');
  const device = await fovea.createDevice({ adapter: process.env.FOVEA_ADAPTER ?? 'auto' });
  return {
    conv: (s, direction, data) => convolution(fovea, device, s, direction, data),
    batchNorm: (s, data) => batchNorm(fovea, device, s, data),
    maxPool: (s, data) => maxPool(fovea, device, s, data),
    train: (net, data, resnet) => train(fovea, device, net, data, resnet),
    infer: (net, data, resnet) => infer(fovea, device, net, data, resnet),
  };
}

async function convolution(fovea, device, s, direction, data) {
  const { backward, conv2d, gradOf, noGrad, requiresGrad, tensor } = fovea;
  const x = tensor(device, data.x, [s.N, s.C, s.H, s.W]);
  const weight = tensor(device, data.w, [s.K, s.C / s.groups, s.R, s.S], { layout: 'filter' });
  const dy = tensor(device, data.dy, [s.N, s.K, s.P, s.Q]);
  const compute = () => conv2d(x, weight, { stride: s.stride, padding: s.pad, groups: s.groups });
  if (direction === 'forward') {
    return lastOf(
      device,
      () => noGrad(device, compute),
      async (y) => ({ data: await y.data(), layout: 'NCHW' }),
    );
  }
  // With a single leaf, backward runs the kernels of its gradient only. The forwards are done before the clock starts.
  const [leaf, layout] = direction === 'gradInput' ? [x, 'NCHW'] : [weight, 'OIHW'];
  requiresGrad(leaf);
  const graphs = Array.from({ length: GRAPHS }, compute);
  await device.finished();
  return {
    async run() {
      const y = graphs.pop();
      if (!y) throw new Error(`this case runs at most ${GRAPHS} times`);
      fovea.clearGrad(leaf);
      backward(y, dy);
      await device.finished();
    },
    read: async () => ({ data: await gradOf(leaf).data(), layout }),
  };
}

async function batchNorm(fovea, device, s, data) {
  const shape = [s.N, s.C, s.H, s.W];
  const x = fovea.requiresGrad(fovea.tensor(device, data.x, shape));
  const dy = fovea.tensor(device, data.dy, shape);
  const weight = fovea.requiresGrad(fovea.tensor(device, data.gamma));
  const bias = fovea.requiresGrad(fovea.tensor(device, data.beta));
  const runningMean = fovea.zeros(device, [s.C]);
  const runningVariance = fovea.full(device, [s.C], 1);
  await device.finished();
  const compute = () => {
    for (const leaf of [x, weight, bias]) fovea.clearGrad(leaf);
    const parameters = { weight, bias, runningMean, runningVariance };
    const y = fovea.batchNorm(x, parameters, { training: true, epsilon: s.eps });
    fovea.backward(y, dy);
    return y;
  };
  return lastOf(device, compute, async (y) => {
    const [value, dx, dgamma, dbeta] = await fovea.readTensors([y, ...[x, weight, bias].map(fovea.gradOf)]);
    return { y: { data: value, layout: 'NCHW' }, dx: { data: dx, layout: 'NCHW' }, dgamma, dbeta };
  });
}

async function maxPool(fovea, device, s, data) {
  const x = fovea.requiresGrad(fovea.tensor(device, data.x, [s.N, s.C, s.H, s.W]));
  const dy = fovea.tensor(device, data.dy, [s.N, s.C, s.P, s.Q]);
  await device.finished();
  const compute = () => {
    fovea.clearGrad(x);
    const y = fovea.maxPool2d(x, { kernel: s.k, stride: s.stride, padding: s.pad });
    fovea.backward(y, dy);
    return y;
  };
  return lastOf(device, compute, async (y) => {
    const [value, dx] = await fovea.readTensors([y, fovea.gradOf(x)]);
    return { y: { data: value, layout: 'NCHW' }, dx: { data: dx, layout: 'NCHW' } };
  });
}

async function train(fovea, device, net, data, resnet) {
  const { ResNet, Momentum, tensor } = fovea;
  const model = new ResNet(device, { layers: 50, classDim: resnet.CLASSES });
  model.loadStateDict(stateOf(data.values, resnet));
  const optimizer = new Momentum({
    parameters: model.parameters(),
    learningRate: net.lr,
    momentum: net.momentum,
  });
  const x = tensor(device, data.x, [net.N, 3, net.size, net.size]);
  const labels = tensor(device, data.t, [net.N, resnet.CLASSES]);
  const gradients = () => {
    const loss = fovea.mean(fovea.sigmoidCrossEntropyWithLogits(model(x), labels));
    fovea.backward(loss);
    return loss;
  };
  await device.finished();
  let compiled = false;
  return {
    async run() {
      if (!compiled) {
        await device.prepare(() => fovea.scope(device, () => void gradients()));
        optimizer.clearGradients();
        compiled = true;
      }
      const loss = fovea.scope(device, () => {
        const loss = gradients();
        optimizer.step();
        optimizer.clearGradients();
        return loss;
      });
      const value = await loss.item();
      loss.dispose();
      await device.finished();
      return value;
    },
    async read(name) {
      const { shape, data: values } = (await model.stateDict()).get(foveaName(name));
      return name === 'fc.weight' ? transpose(values, shape) : values;
    },
  };
}

async function infer(fovea, device, net, data, resnet) {
  const model = new fovea.ResNet(device, { layers: 50, classDim: resnet.CLASSES }).eval();
  model.loadStateDict(stateOf(data.values, resnet));
  const x = fovea.tensor(device, data.x, [net.N, 3, net.size, net.size]);
  await device.finished();
  const compute = () => fovea.noGrad(device, () => model(x));
  return lastOf(device, compute, (y) => y.data());
}

/** A job that keeps the tensor of its last run. */
function lastOf(device, compute, read) {
  let last;
  return {
    async run() {
      last?.dispose();
      last = compute();
      await device.finished();
    },
    read: () => read(last),
  };
}

/** The harness' values under fovea's names; only the linear layer's weight lies differently, `[in, out]`. */
function stateOf(values, resnet) {
  return new Map(
    resnet.parameters().map(({ name, shape }) => {
      const data = values.get(name);
      const entry =
        name === 'fc.weight'
          ? { shape: shape.toReversed(), data: transpose(data, shape) }
          : { shape: [...shape], data };
      return [foveaName(name), entry];
    }),
  );
}

/** `layer2.0.bn1.running_var` → `bb_1_0.conv0._batch_norm._variance` */
function foveaName(name) {
  const member = name.split('.').at(-1).replace('running_mean', '_mean').replace('running_var', '_variance');
  if (name.startsWith('fc.')) return `out.${member}`;
  const [, stage, block, layer] = /^layer(\d)\.(\d+)\.(.+)\.\w+$/.exec(name) ?? [];
  const inner = layer ?? name.split('.')[0];
  const part = inner === 'downsample.0' || inner.startsWith('conv') ? '_conv' : '_batch_norm';
  if (layer === undefined) return `conv.${part}.${member}`;
  const place = layer.startsWith('downsample') ? 'short' : `conv${Number(layer.at(-1)) - 1}`;
  return `bb_${stage - 1}_${block}.${place}.${part}.${member}`;
}

/** A matrix of `rows` × `columns`, transposed. */
function transpose(values, [rows, columns]) {
  return Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
}
