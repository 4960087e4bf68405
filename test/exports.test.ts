/**
 * @file Everything that `import 'fovea'` gives, called with what JavaScript lets one pass: it works, or says what is wrong.
 *
 * Each entry has arguments that are right. One after the other is replaced by every wrong value, as is each property of one
 * that is a plain object, and the first item of one that is an array.
 */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { NUMBER } from '../src/arguments.ts';
import * as fovea from '../src/index.ts';
import { fillPlan } from '../src/kernels/elementwise.ts';
import { writePhotographs } from './data/fixtures.ts';
import { ADAPTER_FIGURES } from './support/adapter-figures.ts';
import { openTestDevice, testDevice } from './support/device.ts';
import { noise, TinyNet, tinyTraining } from './train/tiny.ts';

// Proving the adapter takes long, and has a test of its own.
vi.mock('../src/verify/checks.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../src/verify/checks.ts')>();
  const few = original.opChecks().slice(0, 2);
  return { ...original, algorithmChecks: () => [], opChecks: () => few, trainingCheck: () => few[0]! };
});

// So does measuring it.
vi.mock('../src/laboratory/parts.ts', () => {
  const measure = async () => undefined;
  return {
    MEASURE: Object.fromEntries(
      ['certificate', 'gradients', 'convolutions', 'steps', 'tuning'].map((part) => [part, measure]),
    ),
  };
});

type Callable = (...args: unknown[]) => unknown;
/** A new list of right arguments. */
type Arguments = () => unknown[] | Promise<unknown[]>;
/** An object and right arguments of one of its methods. */
type MethodCall = () => [object, unknown[]] | Promise<[object, unknown[]]>;

let device: fovea.Device;
/** For what copies all of a device's memory, of which the other has much after these calls. */
let apart: fovea.Device;
let folder: string;
let samples: fovea.Sample[];
let dataset: fovea.ImageDataset;
let run: fovea.RunFolder;
let batch: fovea.Batch;
let checkpoint: fovea.Checkpoint;
let result: fovea.FitResult;
const reports: { step?: fovea.StepReport; epoch?: fovea.EpochReport } = {};
let model: TinyNet;
let optimizer: fovea.Momentum;
let average: fovea.ExponentialMovingAverage;
const random = new fovea.Random(1);
const source = noise([1], 1);
const config: fovea.ModelConfig = { layers: 18, classDim: 1, size: 16, channelOrder: 'bgr' };
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>';
const confusable = [
  [0.25, 0.75],
  [0, 1],
] as const;

const summary = () => new fovea.SummaryWriter(folder);
const predictions = {
  ...{ names: ['a'], labels: Float32Array.of(1), classDim: 1 },
  ...{ logits: Float32Array.of(2), probabilities: Float32Array.of(0.9) },
};
const session = {
  ...{ started: '2026-01-01T00:00:00.000Z', seconds: 1, fromStep: 0, toStep: 1 },
  ...{ adapter: 'a', version: '0.1.0', runtime: 'b' },
};
const paddleNames = new Map([['w', 'linear_0.w_0']]);
const paddleState = () => new Map([['w', { shape: [1], data: new Float32Array(1) }]]);
const paddleMomentum = () => ({ name: 'Momentum', step: 3, slots: { velocity: paddleState() } });

let made = 0;
/** A path where nothing is. */
const fresh = (): string => join(folder, `${made++}`);
const zeros = (...shape: number[]): fovea.Tensor => fovea.zeros(device, shape);
const statistics = () => ({
  weight: zeros(4),
  bias: zeros(4),
  runningMean: zeros(4),
  runningVariance: zeros(4),
});
/** A number that depends on a leaf. */
const loss = () => fovea.sum(fovea.requiresGrad(zeros(2)));
const divisible = () =>
  [0, 0, 1, 1].map((label, i) => ({ name: `${i}`, path: join(folder, `none-${i}`), label }));
const plan = () => fillPlan(zeros(2), {}, { scalar: 1 });
const slice = (on = device) => on.allocate(16);
const picture = (): fovea.Image => ({
  ...{ width: 2, height: 3, channels: 3, order: 'bgr', data: new Uint8Array(18) },
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-exports-'));
  device = await testDevice();
  apart = await openTestDevice();
  // Where tune keeps what it finds; the driver, which keeps what it compiles in that place too, has looked already.
  process.env.XDG_CACHE_HOME = folder;
  await mkdir(join(folder, 'photographs'));
  samples = await writePhotographs(join(folder, 'photographs'), 2);
  dataset = new fovea.ImageDataset(samples, { size: 8, workers: 1 });
  ({ model, optimizer } = tinyTraining(device));
  average = new fovea.ExponentialMovingAverage({ parameters: model.parameters() });
  for await (const first of source.epoch(0)) batch = first;
  result = await fovea.fit({
    ...{ model, optimizer, training: source, validation: source, epochs: 1 },
    onStep: (report) => {
      reports.step = report;
    },
    onEpoch: (report) => {
      reports.epoch = report;
    },
  });
  checkpoint = await fovea.takeCheckpoint(model, optimizer, { config, progress: result.progress });
  run = await fovea.RunFolder.create(join(folder, 'run'), {});
  await fovea.writeSyntheticDataset(join(folder, 'drawn'), { training: 1, validation: 1, size: 8 });
  await writeFile(join(folder, 'photographs', 'V0001.jpg'), '');
  await writeFile(join(folder, 'labels.csv'), 'imgName,Label\nV0001.jpg,1\n');
  for (const [i, name] of ['a', 'b'].entries()) {
    await mkdir(join(folder, 'classes', name), { recursive: true });
    await writeFile(join(folder, 'classes', name, `${i}.jpg`), '');
  }
  await writeFile(join(folder, 'classes.csv'), 'file,class\n0,a\n1,b\n');
  await fovea.saveCheckpoint(join(folder, 'saved'), checkpoint);
});

afterAll(async () => {
  apart.destroy();
  await dataset.close();
  await run.close();
  await rm(folder, { recursive: true });
});

const FUNCTIONS: Record<string, Arguments> = {
  measureAdapter: () => [device, { quick: true, machine: 'a test', signal: AbortSignal.abort() }],
  blockFor: () => [resNet(), 64],
  adapterFiguresMarkdown: () => [ADAPTER_FIGURES],
  decodeAdapterFigures: () => [JSON.stringify(ADAPTER_FIGURES)],
  gradCam: () => [model, zeros(1, 3, 8, 8), { layer: 'conv', class: [1], size: [3, 4] }],
  renderModelCard: () => [
    {
      config,
      sets: [{ name: 'training', labels: [0, 1] }],
      settings: { batch: 1 },
      bestBy: 'auc',
      adapter: 'one',
    },
  ],
  overlayMap: () => [picture(), { width: 2, height: 1, values: new Float32Array(2) }, { opacity: 0.5 }],
  encodePng: () => [picture()],
  augmentImages: () => [
    fovea.tensor(device, new Uint8Array(12), [1, 2, 2, 3], { layout: 'row-major' }),
    zeros(1, 24),
    { mean: [0, 0, 0], std: [1, 1, 1] },
  ],
  colorJitter: () => [{ brightness: 0.1, contrast: 0.1, saturation: 0.1, hue: 0.1 }],
  compose: () => [fovea.randomRotation(15), fovea.mixup()],
  drawAugmentation: () => [fovea.compose(), { samples: [0, 1], size: 8, order: 'rgb', seed: 1, epoch: 0 }],
  mixup: () => [0.2],
  randomAffine: () => [{ degrees: 15, translate: 0.1, scale: [0.8, 1.2] }],
  randomErasing: () => [{ probability: 0.5, scale: [0.1, 0.2], ratio: [0.5, 2] }],
  randomHorizontalFlip: () => [0.5],
  randomResizedCrop: () => [{ scale: [0.5, 1], ratio: [0.75, 1.25] }],
  randomRotation: () => [15],
  randomVerticalFlip: () => [0.5],
  accuracy: () => [zeros(2, 2), fovea.tensor(device, new Int32Array(2))],
  bestEpoch: () => [[reports.epoch], 'auc'],
  binaryAccuracy: () => [...confusable],
  add: () => [zeros(2), zeros(2)],
  appendMetrics: () => [join(folder, 'metrics'), { kind: 'step', ...reports.step }],
  atBestYouden: () => [...confusable],
  atOneHalf: () => [...confusable],
  atSensitivity: () => [...confusable, 0.9],
  atThreshold: () => [...confusable, 0.5],
  auc: () => [...confusable],
  aucInterval: () => [...confusable, { confidence: 0.9, replicates: 10, seed: 1 }],
  bySubgroup: () => [['a', 'b'], ...confusable, fovea.palmGroup],
  calibrationOf: () => [...confusable, { bins: 4 }],
  classFigures: () => [[0.5, 0.5], [1], ['a', 'b']],
  fitTemperature: () => [...confusable, 1],
  judge: () => [
    { names: ['a', 'b'], labels: [0, 1], logits: [-1, 1] },
    { confidence: 0.9, replicates: 10, seed: 1, sensitivity: 0.9, groupOf: fovea.palmGroup },
  ],
  meanOverFolds: () => [[{ auc: 0.9 }]],
  palmGroup: () => ['P0001.jpg'],
  precisionRecallCurve: () => [...confusable],
  rocCurve: () => [...confusable],
  scaledProbabilities: () => [[0, 1], 1.5, 1],
  adaptiveAvgPool2d: () => [zeros(1, 4, 3, 3), [2, 1]],
  avgPool2d: () => [zeros(1, 4, 2, 2), { kernel: 2 }],
  backward: () => [loss(), fovea.full(device, [1], 1), { retainGraph: true }],
  dropout: () => [zeros(2, 4), { probability: 0.5, random }],
  dropPath: () => [zeros(2, 4), { probability: 0.5, random }],
  layerNorm: () => [zeros(1, 4, 2, 2), { axes: [1], weight: zeros(4), bias: zeros(4), epsilon: 1e-5 }],
  groupNorm: () => [zeros(1, 4, 2, 2), 2, { weight: zeros(4), bias: zeros(4), epsilon: 1e-5 }],
  batchNorm: () => [zeros(2, 4, 2, 2), statistics(), { training: true }],
  cast: () => [zeros(2), 'i32'],
  checkSameTraining: () => [
    { config, settings: { batch: 1 } },
    { config, settings: { batch: 1 } },
  ],
  clipGradNorm: () => [optimized().parameters, 1],
  clearGrad: () => [fovea.requiresGrad(zeros(2))],
  concat: () => [[zeros(2), zeros(2)], 0],
  confusion: () => [...confusable],
  confusionMatrix: () => [[0.25, 0.75], [1], 2],
  macroAuc: () => [[0.25, 0.75, 0.5, 0.5], [1, 0], 2],
  constant: () => [1],
  conv2d: () => [zeros(1, 4, 2, 2), zeros(4, 4, 1, 1), { stride: 1, bias: zeros(4) }],
  convTranspose2d: () => [
    zeros(1, 4, 2, 2),
    zeros(4, 2, 1, 1),
    { stride: 2, padding: 0, outputPadding: 1, dilation: 1, groups: 1, bias: zeros(2) },
  ],
  convBatchNorm: () => [zeros(2, 4, 2, 2), zeros(4, 4, 1, 1), statistics(), { relu: true }],
  openDevice: () => [new NoAdapters(), {}],
  createDevice: () => [
    { adapter: 'auto', memoryLimit: 1e9, bindingLimit: 2 ** 20, tuned: true, verify: 'never' },
  ],
  decodeCheckpoint: () => [fovea.encodeCheckpoint(checkpoint)],
  decodeImage: async () => [await fileOf(samples[0]!), { order: 'rgb', maxPixels: 1e4 }],
  decodePaddleOptimizer: () => [
    fovea.encodePaddleOptimizer(paddleMomentum(), { parameterNames: paddleNames, learningRate: 0.1 }),
  ],
  decodePaddleParameters: () => [
    fovea.encodePaddleParameters(paddleState(), { parameterNames: paddleNames }),
  ],
  encodePaddleOptimizer: () => [paddleMomentum(), { parameterNames: paddleNames, learningRate: 0.1 }],
  encodePaddleParameters: () => [paddleState(), { parameterNames: paddleNames }],
  momentumFromPaddle: () => [
    { velocities: new Map([['w_0', { dtype: 'F32', shape: [1], data: new Float32Array(1) }]]), step: 3 },
    new Map([['w', 'w_0']]),
  ],
  decodeTorch: () => [fovea.encodeTorch([['w', { shape: [1], data: new Float32Array(1) }]])],
  encodeTorch: () => [[['w', { shape: [1], data: new Float32Array(1) }]], { a: 'b' }],
  decodeWeights: () => [fovea.encodeSafetensors([])],
  encodeWeights: () => [
    { config, state: new Map([['w', { shape: [1], data: new Float32Array(1) }]]) },
    { format: 'pth', names: 'torchvision' },
  ],
  decodeSafetensors: () => [fovea.encodeSafetensors([])],
  defineOp: () => [
    { name: 'same', forward: ([x]: [fovea.Tensor]) => ({ output: x, saved: {} }), backward: () => [] },
  ],
  empty: () => [device, [2], { dtype: 'f32', layout: 'row-major' }],
  encodeCheckpoint: () => [checkpoint],
  encodeSafetensors: () => [
    [['a', { dtype: 'F32', shape: [1], data: new Float32Array(1) }]],
    { key: 'text' },
  ],
  evaluate: () => [model, source, { signal: new AbortController().signal }],
  findSimilar: () => [samples, { bits: 80, workers: 1, maxPixels: 1e6 }],
  findDuplicates: () => [samples],
  fit: () => [
    {
      ...{
        model,
        optimizer,
        training: source,
        validation: source,
        epochs: 1,
        maxSteps: 1,
        earlyStopping: { patience: 1, monitor: 'loss', minDelta: 0, mode: 'min' },
        recalibrate: source,
      },
      ...{ start: fovea.BEGINNING, signal: new AbortController().signal },
      ...{ onStep: () => {}, onEpoch: () => {}, onFailedValidation: () => {} },
    },
  ],
  foldSamples: () => [divisible(), { folds: 2, seed: 1, together: [], classes: ['a', 'b'] }],
  freeze: () => [new TinyNet(device), 'out'],
  fromTorch: async () => [new TinyNet(device), await fovea.toTorch(model), { strict: false }],
  full: () => [device, [2], 1, { layout: 'row-major' }],
  generatorOf: () => [device],
  gradCheck: () => [fovea.relu, [fovea.tensor(device, [1, -1])], { step: 0.01, samples: 1, seed: 1 }],
  gradOf: () => [fovea.requiresGrad(zeros(2))],
  inspectGpu: () => [],
  keep: () => [zeros(2)],
  openScope: () => [device],
  linear: () => [zeros(1, 2), zeros(2, 3), zeros(3)],
  loadCheckpoint: () => [join(folder, 'saved')],
  lossCurveSvg: () => [
    {
      title: 'a',
      subtitle: 'b',
      training: [{ step: 1, loss: 1 }],
      validation: [{ step: 1, loss: 1, auc: 1 }],
    },
  ],
  manualSeed: () => [device, 1],
  maxPool2d: () => [zeros(1, 4, 2, 2), { kernel: 2 }],
  mean: () => [zeros(2, 2), { axes: [0], keepDims: true }],
  max: () => [zeros(2, 2), { axes: [0], keepDims: true }],
  min: () => [zeros(2, 2), { axes: [0], keepDims: true }],
  variance: () => [zeros(2, 2), { axes: [0], keepDims: true, unbiased: false }],
  logSumExp: () => [zeros(2, 2), { axes: [0], keepDims: true }],
  softmax: () => [zeros(2, 2), { axis: 0 }],
  logSoftmax: () => [zeros(2, 2), { axis: 0 }],
  argMax: () => [zeros(2, 2), { axis: 0, keepDims: true }],
  // Each that is taken for right makes a network: what may be anything here is left out.
  modelOfCheckpoint: () => {
    const { model, optimizer, progress } = checkpoint;
    return [device, { config, model, optimizer, progress }];
  },
  multiply: () => [zeros(2), 2],
  noGrad: () => [device, () => 1],
  normal: () => [0, 1],
  normalizeImages: () => [
    fovea.tensor(device, new Uint8Array(12), [1, 2, 2, 3], { layout: 'row-major' }),
    { mean: [0, 0, 0], std: [1, 1, 1] },
  ],
  predict: () => [model, source, { signal: new AbortController().signal }],
  profile: () => [device, () => {}],
  predictedClass: () => [0.5],
  prepareStep: () => [model, optimizer, batch],
  readMetrics: () => [join(folder, 'no metrics')],
  readPredictions: () => [join(folder, 'no predictions')],
  readSessions: () => [join(folder, 'no sessions')],
  readTensors: () => [[zeros(2), zeros(2)]],
  readClassFolders: () => [join(folder, 'classes'), { classes: ['a', 'b'] }],
  examineClassTable: () => [
    join(folder, 'classes'),
    join(folder, 'classes.csv'),
    { nameColumn: 'file', classColumn: 'class' },
  ],
  readClassTable: () => [
    join(folder, 'classes'),
    join(folder, 'classes.csv'),
    { classes: ['a', 'b'], nameColumn: 'file', classColumn: 'class' },
  ],
  readTrainingFolder: () => [join(folder, 'photographs')],
  readValidationFolder: () => [join(folder, 'photographs'), join(folder, 'labels.csv')],
  recalibrate: () => [model, noise([2], 1), { signal: new AbortController().signal }],
  rehearseStep: () => [model, optimizer, batch],
  relu: () => [zeros(2)],
  clamp: () => [zeros(2), { min: 0, max: 1 }],
  divide: () => [zeros(2), zeros(2)],
  elu: () => [zeros(2), { alpha: 1 }],
  equal: () => [zeros(2), zeros(2)],
  greater: () => [zeros(2), zeros(2)],
  greaterEqual: () => [zeros(2), zeros(2)],
  leakyRelu: () => [zeros(2), { negativeSlope: 0.1 }],
  less: () => [zeros(2), zeros(2)],
  lessEqual: () => [zeros(2), zeros(2)],
  log: () => [zeros(2)],
  maximum: () => [zeros(2), zeros(2)],
  minimum: () => [zeros(2), zeros(2)],
  neg: () => [zeros(2)],
  notEqual: () => [zeros(2), zeros(2)],
  pow: () => [zeros(2), zeros(2)],
  rsqrt: () => [zeros(2)],
  sqrt: () => [zeros(2)],
  where: () => [zeros(2), zeros(2), zeros(2)],
  renderReport: () => [{ title: 'a', subtitle: 'b', notes: ['c'], classes: ['d', 'e'], sensitivity: 0.9 }],
  requiresGrad: () => [zeros(2), true],
  reshape: () => [zeros(2), [1, 2]],
  resizeBilinear: () => [{ width: 2, height: 1, channels: 3, order: 'bgr', data: new Uint8Array(6) }, 4, 4],
  restoreCheckpoint: () => [checkpoint, model, optimizer],
  illustrateMistakes: () => [[], { model: resNet(), dataset }],
  runContent: () => [join(folder, 'run'), { epoch: 'last' }],
  run: () => [plan(), { result: zeros(2) }],
  saveCheckpoint: () => [join(folder, 'written'), checkpoint],
  scope: () => [device, () => 1],
  abs: () => [zeros(2)],
  exp: () => [zeros(2)],
  hardSigmoid: () => [zeros(2)],
  hardSwish: () => [zeros(2)],
  silu: () => [zeros(2)],
  softplus: () => [zeros(2)],
  tanh: () => [zeros(2)],
  gelu: () => [zeros(2), { approximate: 'tanh' }],
  unaryOp: () => [
    { name: 'test.unary', value: 'x', derivative: 'x', functions: '', uses: [], parameters: [] },
  ],
  binaryOp: () => [
    { name: 'test.binary', value: 'a', derivatives: { a: '1.0', b: '0.0' }, functions: '', uses: [] },
  ],
  defineKernel: () => [
    {
      ...{ name: 'test.defined', buffers: { y: fovea.writes('f32') }, uniforms: { size: 'u32' } },
      ...{ features: [], writesPadding: true, divisible: false, uses: [fovea.piece('')], body: () => '' },
    },
  ],
  piece: () => ['', [fovea.piece('')]],
  reads: () => ['f32'],
  writes: () => ['f32'],
  threadEntry: () => [''],
  threadGrid: () => [64],
  workgroupEntry: () => [64, ''],
  workgroupGrid: () => [64, 64],
  sigmoid: () => [zeros(2)],
  matmul: () => [zeros(2, 1, 2), zeros(2, 2, 3)],
  mse: () => [zeros(2), zeros(2), { reduction: 'sum' }],
  l1: () => [zeros(2), zeros(2), { reduction: 'sum' }],
  smoothL1: () => [zeros(2), zeros(2), { beta: 2, reduction: 'sum' }],
  dice: () => [zeros(1, 1, 2, 2), zeros(1, 1, 2, 2), { smooth: 2, reduction: 'sum' }],
  crossEntropy: () => [
    zeros(2, 3),
    fovea.tensor(device, new Int32Array(2)),
    { classWeights: zeros(3), ignoreIndex: -1, labelSmoothing: 0.1, reduction: 'sum' },
  ],
  sigmoidCrossEntropyWithLogits: () => [
    zeros(2),
    zeros(2),
    { ignoreIndex: -1, normalize: true, positiveWeight: 2 },
  ],
  flatten: () => [zeros(2, 3), 1],
  gather: () => [zeros(3, 2), fovea.tensor(device, new Int32Array(2))],
  pad: () => [
    zeros(2, 3),
    [
      [0, 0],
      [1, 2],
    ],
    { mode: 'constant', value: 1 },
  ],
  permute: () => [zeros(2, 3), [1, 0]],
  slice: () => [zeros(2, 3), { starts: [0], ends: [1], steps: [1], axes: [-1] }],
  splitSamples: () => [divisible(), { share: 0.5, seed: 1, together: [], classes: ['a', 'b'] }],
  stack: () => [[zeros(2), zeros(2)], 0],
  subtract: () => [zeros(2), zeros(2)],
  summary: () => [new fovea.ReLU(device), [2, 2]],
  sum: () => [zeros(2, 2), { axes: [0], keepDims: true }],
  svgToPng: () => [svg, 4],
  takeCheckpoint: () => [model, optimizer, { config, settings: { batch: 1 }, progress: result.progress }],
  tensor: () => [device, [1, 2], [2], { dtype: 'f32', layout: 'row-major' }],
  tensorStatistics: () => [device],
  toLayout: () => [zeros(1, 4, 2, 2), 'row-major'],
  toOnnx: () => [
    new fovea.Sequential(device, [new fovea.Conv2D(device, { inChannels: 3, outChannels: 2, kernel: 1 })]),
    {
      inputShape: [3, 2, 2],
      preprocessing: fovea.PREPROCESSINGS.imagenet,
      metadata: { a: 'b' },
    },
  ],
  toTorch: () => [model],
  trainStep: () => [model, optimizer, batch],
  truncateMetrics: () => [join(folder, 'truncated'), result.progress],
  servePredictions: () => [
    new fovea.Sequential(apart, [
      new fovea.Conv2D(apart, { inChannels: 3, outChannels: 1, kernel: 4 }),
      fovea.flatten,
    ]),
    { size: 4, channelOrder: 'rgb', preprocessing: 'original', classes: ['a', 'b'], layer: '0' },
    {
      port: 0,
      workers: 1,
      maxBatch: 1,
      maxWait: 1,
      maxQueue: 1,
      maxImages: 1,
      maxUpload: 1,
      maxPending: 1,
      maxPixels: 1,
      onEvent: () => {},
    },
  ],
  setTuning: () => [device, new fovea.TuningTable()],
  tune: () => [
    device,
    () => {},
    { onPass: () => {}, onProgress: () => {}, signal: new AbortController().signal, budget: 10 },
  ],
  verify: () => [device, { onProgress: () => {} }],
  tuningOf: () => [device],
  unfreeze: () => [new TinyNet(device), 'out'],
  uniform: () => [0, 1],
  upsample: () => [zeros(1, 4, 2, 2), { scale: [2, 1.5], mode: 'bilinear', alignCorners: true }],
  upload: () => [zeros(2), [1, 2]],
  writeFileAtomic: () => [join(folder, 'file'), 'text'],
  syntheticFiles: () => [{ training: 1, validation: 1, size: 8, seed: 1 }],
  writeSyntheticDataset: () => [join(folder, 'drawn'), { training: 1, validation: 1, size: 8, seed: 1 }],
  worstMistakes: () => [predictions, 3],
  writePredictions: () => [join(folder, 'predictions'), { ...predictions, epoch: 0 }],
  xavierUniform: () => [2, 2],
  zeros: () => [device, [2], { dtype: 'f32', layout: 'row-major' }],
};

const array = () => ({ data: new Float32Array(2), shape: [2] });
const optimized = () => ({
  parameters: [new fovea.Parameter(device, new Float32Array(2), [2])],
  ...{ learningRate: 0.1, weightDecay: 0.1 },
});
/** The rule of an optimizer that does nothing. */
const doing = {
  name: 'none',
  settings: { learningRate: NUMBER, weightDecay: NUMBER },
  defaults: {},
  slots: () => [],
  plan,
};

const conv = () => ({ inChannels: 4, outChannels: 4, kernel: 1, random });

const CLASSES: Record<string, Arguments> = {
  AdaptiveAvgPool2D: () => [device, { outputSize: [2, 3] }],
  BatchMean: () => [{ batches: 1, samples: 1, sum: 1, weightedSum: 1 }],
  BatchNorm: () => [device, { channels: 4, act: 'relu', momentum: 0.9, epsilon: 1e-5, unbiased: true }],
  BasicBlock: () => [device, { inChannels: 4, channels: 4, stride: 1, random }],
  BottleneckBlock: () => [device, { inChannels: 4, channels: 4, stride: 1, random }],
  Buffer: () => [zeros(2)],
  Conv2D: () => [device, { ...conv(), stride: 1, padding: 0, dilation: 1, groups: 1, bias: true }],
  ConvBNLayer: () => [device, { ...conv(), stride: 1, act: 'relu', unbiased: true }],
  ConvTranspose2D: () => [
    device,
    { ...conv(), stride: 2, padding: 0, outputPadding: 1, dilation: 1, groups: 1, bias: true },
  ],
  DataLoader: () => [
    dataset,
    { batchSize: 1, shuffle: true, seed: 1, prefetch: 1, dropLast: true, transforms: fovea.compose() },
  ],
  ELU: () => [device, { alpha: 2 }],
  Dropout: () => [device, { probability: 0.5, random }],
  DropPath: () => [device, { probability: 0.5, random }],
  GroupNorm: () => [device, { channels: 4, groups: 2, epsilon: 1e-5, affine: true }],
  LayerNorm: () => [device, { normalizedShape: 4, epsilon: 1e-5, affine: true, bias: true }],
  Flatten: () => [device],
  FoveaError: () => ['bad-data', 'a message', { cause: 1 }],
  GELU: () => [device, { approximate: 'tanh' }],
  HardSigmoid: () => [device],
  HardSwish: () => [device],
  Identity: () => [device],
  LeakyReLU: () => [device, { negativeSlope: 0.2 }],
  ImageDataset: () => [
    samples,
    {
      size: 8,
      order: 'bgr',
      onCorrupt: 'skip',
      workers: 1,
      maxPixels: Number.POSITIVE_INFINITY,
      decoder: 'own',
      cache: { folder: join(folder, 'pixels'), maxBytes: 1e6, onWarning: () => {} },
    },
  ],
  Linear: () => [device, { inFeatures: 2, outFeatures: 2, random, weightInitializer: fovea.constant(1) }],
  TuningTable: () => [[['key', 'algorithm']]],
  Module: () => [device],
  Adam: () => [{ ...optimized(), betas: [0.9, 0.999], epsilon: 1e-8 }],
  ArrayLoader: () => [{ inputs: array(), targets: array(), batchSize: 1, shuffle: true, seed: 1 }],
  CosineDecay: () => [{ initial: 1, steps: 2, end: 0 }],
  ExponentialMovingAverage: () => [{ parameters: optimized().parameters, decay: 0.9 }],
  OneCycle: () => [{ peak: 1, steps: 9, warmUp: 0.3, divide: 25, finalDivide: 1e4, shape: 'linear' }],
  ReduceOnPlateau: () => [
    { initial: 1, factor: 0.1, patience: 1, threshold: 0, cooldown: 1, end: 0, mode: 'max' },
  ],
  StepDecay: () => [{ initial: 1, every: 2, factor: 0.1 }],
  WarmUp: () => [{ steps: 2, schedule: 0.1, start: 0 }],
  AdamW: () => [{ ...optimized(), betas: [0.9, 0.999], epsilon: 1e-8 }],
  Momentum: () => [{ ...optimized(), momentum: 0.9, nesterov: true }],
  Optimizer: () => [doing, optimized()],
  RMSProp: () => [{ ...optimized(), alpha: 0.9, epsilon: 1e-8, momentum: 0.9, centered: true }],
  SGD: () => [optimized()],
  Parameter: () => [device, new Float32Array(2), [2], { layout: 'row-major' }],
  PolynomialDecay: () => [{ initial: 1, steps: 2, end: 0, power: 1, cycle: true }],
  Pool2D: () => [device, { type: 'max', kernel: 2, stride: 2, padding: 0 }],
  Random: () => [1, 2],
  ReLU: () => [device],
  ResNet: () => [device, { layers: 50 }],
  Sequential: () => [device, [fovea.relu, new fovea.ReLU(device)]],
  Sigmoid: () => [device],
  SiLU: () => [device],
  Softmax: () => [device, { axis: 0 }],
  Softplus: () => [device],
  SummaryWriter: () => [folder, { resumedAfter: 1 }],
  Tanh: () => [device],
  Upsample: () => [device, { scale: 2, mode: 'bilinear', alignCorners: true }],
};

/** Classes that are made by functions: all that they are made with is wrong. */
const WITHOUT_CONSTRUCTOR = ['Device', 'RunFolder', 'Tensor', 'PixelDataset'];

const image = () => zeros(2, 4, 4, 4);
const METHODS: Record<string, MethodCall> = {
  'BatchMean#add': () => [new fovea.BatchMean(), [1, 1]],
  'BatchNorm#forward': () => [new fovea.BatchNorm(device, { channels: 4 }), [image(), image()]],
  'BasicBlock#forward': () => [
    new fovea.BasicBlock(device, { inChannels: 4, channels: 4, stride: 1, random }),
    [image()],
  ],
  'BottleneckBlock#forward': () => [
    new fovea.BottleneckBlock(device, { inChannels: 4, channels: 1, stride: 1, random }),
    [image()],
  ],
  'Conv2D#forward': () => [new fovea.Conv2D(device, conv()), [image()]],
  'ConvTranspose2D#forward': () => [new fovea.ConvTranspose2D(device, conv()), [image()]],
  'ConvBNLayer#forward': () => [new fovea.ConvBNLayer(device, conv()), [image(), image()]],
  'DataLoader#epoch': () => [new fovea.DataLoader(dataset, { batchSize: 1 }), [0, { skip: 1 }]],
  'Device#allocate': () => [device, [16]],
  'Device#clear': () => [device, [slice()]],
  'Device#copy': () => [device, [slice(), slice()]],
  'Device#dryRun': () => [device, [() => {}]],
  'Device#finished': () => [device, []],
  'Device#free': () => [device, [slice()]],
  'Device#kernelTimes': () => [device, []],
  'Device#prepare': () => [device, [() => {}]],
  'Device#read': () => [device, [[slice(), slice()]]],
  'Device#reopen': async () => [apart, [await apart.snapshot()]],
  'Device#run': () => [device, [plan(), [slice()]]],
  'Device#snapshot': () => [apart, [{ except: [slice(apart)] }]],
  'Device#time': () => [device, [() => {}]],
  'Device#trace': () => [device, [() => {}]],
  'Device#trim': () => [device, []],
  'Device#upload': () => [device, [slice(), new Float32Array(4)]],
  'Device#verify': () => [device, [slice(), () => undefined]],
  'PixelDataset#close': () => [new fovea.ImageDataset(samples), []],
  'PixelDataset#pixels': () => [dataset, [0]],
  'Linear#forward': () => [
    new fovea.Linear(device, { inFeatures: 2, outFeatures: 2, random }),
    [zeros(1, 2)],
  ],
  'TuningTable#choose': () => [new fovea.TuningTable(), [pass(), 'plain']],
  'TuningTable#entries': () => [new fovea.TuningTable(), []],
  'TuningTable#algorithmOf': () => [
    new fovea.TuningTable([['key', 'plain']]),
    [pass().pass, pass().geometry],
  ],
  'Module#dispose': () => [new TinyNet(device), []],
  'Module#eval': () => [new TinyNet(device), []],
  'Module#loadStateDict': async () => [model, [await model.stateDict(), { strict: true }]],
  'Module#namedBuffers': () => [model, []],
  'Module#namedModules': () => [model, []],
  'Module#namedState': () => [model, []],
  'Module#modulesBy': () => [model, ['torch']],
  'Module#namedParameters': () => [model, []],
  'Module#parameters': () => [model, []],
  'Module#stateDict': () => [model, []],
  'Module#train': () => [new TinyNet(device), []],
  'ArrayLoader#epoch': () => [
    new fovea.ArrayLoader({ inputs: array(), targets: array(), batchSize: 1 }),
    [0, { skip: 1 }],
  ],
  'CosineDecay#at': () => [new fovea.CosineDecay({ initial: 1, steps: 1 }), [1]],
  'OneCycle#at': () => [new fovea.OneCycle({ peak: 1, steps: 9 }), [1]],
  'ReduceOnPlateau#at': () => [new fovea.ReduceOnPlateau({ initial: 1 }), []],
  'ReduceOnPlateau#observe': () => [new fovea.ReduceOnPlateau({ initial: 1 }), [1]],
  'ReduceOnPlateau#restore': () => {
    const schedule = new fovea.ReduceOnPlateau({ initial: 1 });
    return [schedule, [schedule.state]];
  },
  'StepDecay#at': () => [new fovea.StepDecay({ initial: 1, every: 1 }), [1]],
  'WarmUp#at': () => [new fovea.WarmUp({ steps: 2, schedule: 0.1 }), [1]],
  'WarmUp#observe': () => [new fovea.WarmUp({ steps: 2, schedule: 0.1 }), [1]],
  'WarmUp#restore': () => [new fovea.WarmUp({ steps: 2, schedule: 0.1 }), [{}]],
  'ExponentialMovingAverage#bookmark': () => [average, []],
  'ExponentialMovingAverage#checkStateDict': async () => [average, [await average.stateDict()]],
  'ExponentialMovingAverage#dispose': () => [
    new fovea.ExponentialMovingAverage({ parameters: optimized().parameters }),
    [],
  ],
  'ExponentialMovingAverage#loadStateDict': async () => [average, [await average.stateDict()]],
  'ExponentialMovingAverage#stateDict': () => [average, []],
  'ExponentialMovingAverage#swap': () => [
    new fovea.ExponentialMovingAverage({ parameters: optimized().parameters }),
    [],
  ],
  'ExponentialMovingAverage#update': () => [average, []],
  'Optimizer#observe': () => [optimizer, [1]],
  'Optimizer#bookmark': () => [optimizer, []],
  'Optimizer#checkStateDict': async () => [optimizer, [await optimizer.stateDict()]],
  'Optimizer#clearGradients': () => [optimizer, []],
  'Optimizer#dispose': () => [tinyTraining(device).optimizer, []],
  'Optimizer#loadStateDict': async () => [optimizer, [await optimizer.stateDict()]],
  'Optimizer#stateDict': () => [optimizer, []],
  'Optimizer#step': () => [optimizer, []],
  'Optimizer#update': () => [optimizer, []],
  'PolynomialDecay#at': () => [new fovea.PolynomialDecay({ initial: 1, steps: 1 }), [1]],
  'Dropout#forward': () => [new fovea.Dropout(device, { random }), [image()]],
  'DropPath#forward': () => [new fovea.DropPath(device, { probability: 0.5, random }), [image()]],
  'GroupNorm#forward': () => [new fovea.GroupNorm(device, { channels: 4, groups: 2 }), [image()]],
  'LayerNorm#forward': () => [new fovea.LayerNorm(device, { normalizedShape: 4 }), [image()]],
  'Pool2D#forward': () => [new fovea.Pool2D(device, { type: 'avg', global: true }), [image()]],
  'Random#integer': () => [random, [2]],
  'Random#normal': () => [random, []],
  'Random#restore': () => [new fovea.Random(1), [{ seed: 1, stream: 2, drawn: 3 }]],
  'Random#shuffle': () => [random, [[1, 2]]],
  'Random#uint32': () => [random, []],
  'Random#uniform': () => [random, []],
  'Random.from': () => [fovea.Random, [{ seed: 1, stream: 2, drawn: 3 }]],
  'ResNet#forward': () => [resNet(), [zeros(1, 3, 32, 32)]],
  'RunFolder#addEpoch': () => [run, [reports.epoch]],
  'RunFolder#addSession': () => [run, [session]],
  'RunFolder#addStep': () => [run, [reports.step]],
  'RunFolder#close': async () => [await fovea.RunFolder.create(fresh(), {}), []],
  'RunFolder#draw': () => [run, ['subtitle']],
  'RunFolder#keepSettings': () => [run, [{ batch: 1 }]],
  'RunFolder#logToTensorBoard': () => [run, []],
  'RunFolder#rewind': () => [run, [checkpoint]],
  'RunFolder#save': () => [run, [checkpoint, predictions]],
  'RunFolder#writeModelCard': () => [run, ['# Model card']],
  'RunFolder#bestPredictions': () => [run, []],
  'RunFolder#writeReport': () => [run, ['<!doctype html>']],
  'RunFolder.config': () => [fovea.RunFolder, [join(folder, 'run')]],
  'RunFolder.create': () => [fovea.RunFolder, [fresh(), { batch: 1 }]],
  'RunFolder.open': async () => {
    const path = fresh();
    await (await fovea.RunFolder.create(path, {})).close();
    return [fovea.RunFolder, [path]];
  },
  'RunFolder.results': () => [fovea.RunFolder, [folder]],
  'SummaryWriter#addImage': () => [summary(), ['eye', { width: 1, height: 1, bytes: new Uint8Array(4) }, 1]],
  'SummaryWriter#addScalars': () => [summary(), [{ loss: 1 }, 1]],
  'SummaryWriter#close': () => [summary(), []],
  'SummaryWriter#flush': () => [summary(), []],
  'Sequential#forward': () => [new fovea.Sequential(device, [fovea.relu]), [zeros(2)]],
  'Tensor#data': () => [zeros(2), []],
  'Tensor#dispose': () => [zeros(2), []],
  'Tensor#freeze': () => [zeros(2), []],
  'Tensor#format': () => [zeros(2), []],
  'Tensor#print': () => [zeros(2), []],
  'Tensor#toString': () => [zeros(2), []],
  'Tensor#item': () => [zeros(1), []],
  'Tensor#writable': () => [zeros(2), []],
};

/** Methods that are not called here: they end the device that all share, or are for fovea's own layers. */
const NOT_CALLED = ['Device#destroy', 'Tensor#alias', 'Tensor#moveTo', 'Tensor.allocate', 'Tensor.on'];

/**
 * What is not called with right arguments: a ResNet-50 takes seconds, and so do the photographs of a default; a device is reopened
 * only when it was lost.
 */
const REFUSED = [
  ...['decodeWeights', 'encodeWeights'],
  'ResNet',
  'Device#reopen',
  'openDevice',
  'modelOfCheckpoint',
  'writeSyntheticDataset',
];

/** Functions that functions give. */
const GIVEN: Record<string, () => [Callable, unknown[]]> = {
  'what constant gives': () => [fovea.constant(1) as Callable, [2, random]],
  'what defineOp gives': () => [doubled() as Callable, [[zeros(2), zeros(2)], {}]],
  'what normal gives': () => [fovea.normal(0, 1) as Callable, [2, random]],
  'what uniform gives': () => [fovea.uniform(0, 1) as Callable, [2, random]],
  'what xavierUniform gives': () => [fovea.xavierUniform(1, 1) as Callable, [2, random]],
};

function doubled() {
  return fovea.defineOp<unknown, object & Record<string, unknown>>({
    name: 'doubled',
    forward: ([x]) => ({ output: fovea.multiply(x!, 2), saved: {} }),
    backward: (dy) => [fovea.multiply(dy, 2)],
  });
}

class NoAdapters {
  requestAdapter = () => Promise.reject(new fovea.FoveaError('no-adapter', 'there is none in this test'));
}

/** A pass with a geometry, as a convolution asks for it. */
function pass(): fovea.ConvolutionPass {
  const passes: fovea.ConvolutionPass[] = [];
  const before = fovea.tuningOf(device);
  fovea.setTuning(device, { algorithmOf: (pass, geometry) => void passes.push({ pass, geometry }) });
  fovea.conv2d(image(), zeros(4, 4, 1, 1));
  fovea.setTuning(device, before);
  return passes[0]!;
}

let network: fovea.ResNet | undefined;
const resNet = () => (network ??= new fovea.ResNet(device, { layers: 18 }));

async function fileOf({ path }: fovea.Sample): Promise<Uint8Array> {
  const { readFile } = await import('node:fs/promises');
  return readFile(path);
}

/** What is passed by mistake. Strings are paths in the tests' folder: some functions write there. */
function wrongValues(): unknown[] {
  const disposed = zeros(2);
  disposed.dispose();
  return [
    ...[undefined, null, true, 0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 40, 1n],
    ...['', fresh(), {}, [], [[]], [null], ['a'], new Date(0), new Map(), new Map([['a', 1]]), /x/],
    ...[new Uint8Array(2), new Float32Array(), new ArrayBuffer(4), new URL('file:///a'), new Error('given')],
    ...[() => 5, async () => {}, Promise.resolve(device), zeros(3, 5), disposed, device, model, dataset],
  ];
}

/** `args` with one thing wrong. */
function* mistaken(args: readonly unknown[]): Generator<unknown[]> {
  yield [];
  for (const wrong of wrongValues())
    for (const [i, arg] of args.entries()) {
      if (wrong === arg) continue;
      yield args.with(i, wrong);
      if (Array.isArray(arg) && arg.length > 0) yield args.with(i, arg.with(0, wrong));
      if (isPlain(arg)) for (const key of Object.keys(arg)) yield args.with(i, { ...arg, [key]: wrong });
    }
}

const isServer = (value: unknown): value is fovea.PredictionServer =>
  typeof value === 'object' && value !== null && 'failed' in value && 'close' in value;

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** What JavaScript says of a mistake that nobody has looked for. */
const RAW =
  /undefined is not|is not a function|is not iterable|is not a constructor|Cannot [^r]|Cannot read prop|intermediate value|\[object /;

/** Why an error does not do, with the arguments that it came of. */
function faultOf(error: unknown, args: readonly unknown[]): string | undefined {
  if (error instanceof fovea.FoveaError && error.message.length > 10 && !RAW.test(error.message))
    return undefined;
  const shown = args.map((arg) => (isPlain(arg) ? `{${Object.entries(arg).map(entry)}}` : shownOf(arg)));
  return `(${shown.join(', ')}) → ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}
const entry = ([key, value]: [string, unknown]) => `${key}: ${shownOf(value)}`;
const shownOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? (value.constructor?.name ?? '{}') : String(value);

/** Waits for what a call gave, and gives back what it holds. */
async function settle(given: unknown): Promise<void> {
  if (typeof given === 'object' && given !== null && Symbol.asyncIterator in given) {
    const batches = given as AsyncGenerator;
    await batches.next().finally(() => batches.return(undefined));
  }
  const value = await given;
  if (value instanceof fovea.Device && value !== device) value.destroy();
  if (value instanceof fovea.RunFolder && value !== run) await value.close();
  if (isServer(value)) await value.close();
}

/** Calls with right arguments, which must work, then with each mistake. */
async function callWrongly(call: Callable, args: Arguments): Promise<void> {
  const faults = new Set<string>();
  const attempt = async (list: readonly unknown[]) => {
    try {
      await settle(call(...list));
    } catch (error) {
      const fault = faultOf(error, list);
      if (fault) faults.add(fault);
    }
  };
  for (const list of mistaken(await args())) await attempt(list);
  await device.finished().catch((error) => faults.add(faultOf(error, []) ?? ''));
  faults.delete('');
  expect([...faults]).toEqual([]);
  expect(await fovea.add(fovea.tensor(device, [1]), 2).item()).toBe(3);
}

const isClass = (value: unknown): value is new (...args: unknown[]) => object =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));

test('there is an entry for everything that is exported', () => {
  const exported = Object.entries(fovea).filter(([, value]) => typeof value === 'function');
  const classes = exported.filter(([, value]) => isClass(value));
  const functions = exported.filter(([, value]) => !isClass(value));
  const methods = classes.flatMap(([name, value]) => [
    ...methodsOf((value as unknown as { prototype: object }).prototype).map((method) => `${name}#${method}`),
    ...methodsOf(value as object).map((method) => `${name}.${method}`),
  ]);
  expect(Object.keys(FUNCTIONS).sort()).toEqual(functions.map(([name]) => name).sort());
  expect([...Object.keys(CLASSES), ...WITHOUT_CONSTRUCTOR].sort()).toEqual(
    classes.map(([name]) => name).sort(),
  );
  expect([...Object.keys(METHODS), ...NOT_CALLED].sort()).toEqual(methods.sort());
});

function methodsOf(owner: object): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(owner))
    .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor')
    .map(([name]) => name);
}

/** Stopped before it begins, where nothing else is asked for: it takes minutes, and `test/laboratory` measures. */
const measureNothing: typeof fovea.measureAdapter = (on, options) => {
  const isStopped = options === undefined || (isPlain(options) && options.signal === undefined);
  return fovea.measureAdapter(on, isStopped ? { ...options, signal: AbortSignal.abort() } : options);
};

describe('wrong arguments', () => {
  const exports: Record<string, unknown> = { ...fovea, measureAdapter: measureNothing };

  test.each(Object.entries(FUNCTIONS))('%s', async (name, args) => {
    if (!REFUSED.includes(name)) await settle((exports[name] as Callable)(...(await args())));
    await callWrongly(exports[name] as Callable, args);
  });

  test.each(Object.entries(CLASSES))('new %s', async (name, args) => {
    const Class = exports[name] as new (...args: unknown[]) => object;
    if (!REFUSED.includes(name)) new Class(...(await args()));
    await callWrongly((...list) => new Class(...list), args);
  });

  test.each(WITHOUT_CONSTRUCTOR)('new %s', async (name) => {
    const Class = exports[name] as new (...args: unknown[]) => object;
    await callWrongly(
      (...list) => new Class(...list),
      () => [{}, {}, {}, {}],
    );
  });

  test.each(Object.entries(METHODS))('%s', async (name, make) => {
    const method = name.split(/[#.]/)[1]!;
    const [target, right] = await make();
    const call = (...list: unknown[]) => (Reflect.get(target, method) as Callable).apply(target, list);
    if (!REFUSED.includes(name)) await settle(call(...right));
    await callWrongly(call, async () => (await make())[1]);
  });

  test.each(Object.entries(GIVEN))('%s', async (_, make) => {
    await callWrongly(make()[0], () => make()[1]);
  });
});
