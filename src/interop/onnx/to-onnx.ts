/**
 * @file A model as an ONNX file.
 */

import { checkArgument, checkOptions, isObject, type OptionRules, required, whole } from '../../arguments.ts';
import { noGrad } from '../../autograd/graph.ts';
import { NORMALIZATION_OPTIONS } from '../../autograd/ops/images.ts';
import { CHANNEL_ORDER, CHANNELS } from '../../data/image.ts';
import type { PreprocessingSteps } from '../../data/preprocessing.ts';
import { check } from '../../errors.ts';
import { TEXTS } from '../../io/tensor-list.ts';
import type { ImageNormalization } from '../../kernels/normalize-image.ts';
import { MODULE, type Module } from '../../nn/module.ts';
import { formatShape, type Shape } from '../../shape/shape.ts';
import { checkTensor } from '../../tensor/check-tensor.ts';
import { zeros } from '../../tensor/create.ts';
import { scope } from '../../tensor/scope.ts';
import { firstUnusable } from '../../train/finite.ts';
import { holdMode } from '../../train/mode.ts';
import { Emitter } from './emitter.ts';
import { foldBatchNorms } from './fold-batch-norms.ts';
import type { OnnxValue } from './graph.ts';
import { LAYERS } from './layers.ts';
import { NETWORKS } from './networks.ts';
import { emitPreprocessing } from './preprocessing.ts';

/** How a model is exported. */
export interface OnnxOptions {
  /** The extents of one sample: `[3, 224, 224]` for a `ResNet`. The batch comes before them and may have any size. */
  readonly inputShape: Shape;
  /**
   * Puts the preprocessing of photographs into the file, `PREPROCESSINGS.original` for instance. RGB bytes `[batch, height, width, 3]`, scaled to the model's height and
   * width, then come in as `images`. Without it, what the model itself takes comes in as `input`.
   */
  readonly preprocessing?: PreprocessingSteps;
  /** Free texts by key: the file's `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const PREPROCESSING: OptionRules<PreprocessingSteps> = {
  order: required(CHANNEL_ORDER),
  normalization: required({ holds: isObject, words: 'an object { mean, std }' }),
};
const NORMALIZATION: OptionRules<Required<ImageNormalization>> = {
  mean: required(NORMALIZATION_OPTIONS.mean),
  std: required(NORMALIZATION_OPTIONS.std),
};
const OPTIONS: OptionRules<OnnxOptions> = {
  inputShape: required({
    holds: (value) => Array.isArray(value) && value.length > 0 && value.every(whole(1).holds),
    words: 'an array of extents without the batch, such as [3, 224, 224]',
  }),
  preprocessing: {
    holds: isObject,
    words: 'an object { order, normalization }, such as PREPROCESSINGS.original',
  },
  metadata: TEXTS,
};

/** Protocol buffers count bytes by 31 bits; some are for all that is no weight. */
const MAX_BYTES = 2 ** 31 - 2 ** 20;

/**
 * The bytes of an ONNX file (opset 17) that computes what `model` does in evaluation mode; the result is called `logits`.
 * Batch norms are folded into the convolutions before them. `model` is a `ResNet`, or a `Sequential` of layers: convolutions, batch
 * norms, `Linear`, pools, activations as modules or as the op itself (`relu`), `Flatten`, `Dropout`, residual blocks.
 *
 *     await writeFileAtomic('model.onnx', await toOnnx(model, { inputShape: [3, 224, 224] }));
 *
 * Throws 'unsupported', naming it, for a layer whose computation cannot be told from outside (a module or a function of one's
 * own), 'shape-mismatch' where the model does not take `inputShape`, 'not-finite' where a weight is NaN or infinite.
 */
export async function toOnnx(model: Module, options: OnnxOptions): Promise<Uint8Array> {
  checkArgument('the model of toOnnx', model, MODULE);
  checkOptions('toOnnx', options, OPTIONS);
  const { inputShape, preprocessing, metadata = {} } = options;
  if (preprocessing) checkPreprocessing(preprocessing, inputShape);
  const outputShape = shapeOfResult(model, inputShape);
  const state = await model.stateDict();
  const unusable = firstUnusable(state);
  check(unusable === undefined, 'not-finite', () => `toOnnx: ${unusable?.name} holds ${unusable?.value}`);
  const bytes = [...state.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  check(
    bytes <= MAX_BYTES,
    'unsupported',
    () =>
      `toOnnx: the model has ${bytes} bytes of weights, and an ONNX file of one piece at most ${MAX_BYTES}`,
  );

  const emitter = new Emitter(model, state, [...LAYERS, ...NETWORKS]);
  const { graph } = emitter;
  const input = inputOf(inputShape, preprocessing);
  const x = preprocessing ? emitPreprocessing(graph, input.name, preprocessing) : input.name;
  const result = emitter.layer(model, x);
  foldBatchNorms(graph);
  const output: OnnxValue = { name: 'logits', type: 'f32', shape: outputShape };
  graph.nodes.push({
    name: 'logits',
    operator: 'Identity',
    inputs: [result],
    output: output.name,
    attributes: {},
  });

  const { encodeModel } = await import('./encode-model.ts');
  return encodeModel({ input, output, nodes: graph.nodes, constants: graph.constants }, metadata);
}

function checkPreprocessing(preprocessing: PreprocessingSteps, inputShape: Shape): void {
  checkOptions('the preprocessing of toOnnx', preprocessing, PREPROCESSING);
  checkOptions("the preprocessing's normalization", preprocessing.normalization, NORMALIZATION);
  check(inputShape.length === 3 && inputShape[0] === CHANNELS, 'shape-mismatch', () => {
    return `toOnnx: photographs have inputShape [3, height, width], but it is ${formatShape(inputShape)}: leave out preprocessing`;
  });
}

function inputOf(shape: Shape, preprocessing: PreprocessingSteps | undefined): OnnxValue {
  if (!preprocessing) return { name: 'input', type: 'f32', shape };
  const [channels, height, width] = shape as [number, number, number];
  return { name: 'images', type: 'u8', shape: [height, width, channels] };
}

/** What the model makes of one sample, without the batch. Nothing is computed. */
function shapeOfResult(model: Module, inputShape: Shape): Shape {
  const { device } = model;
  const release = holdMode(model, 'evaluation');
  let shape: Shape = [];
  try {
    device.dryRun(() => {
      scope(device, () => {
        const y = noGrad(device, () => model(zeros(device, [1, ...inputShape])));
        checkTensor('toOnnx', 'what the model gives', y);
        shape = y.shape;
      });
    });
  } finally {
    release();
  }
  return shape.slice(1);
}
