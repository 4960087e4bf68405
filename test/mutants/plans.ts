/**
 * @file Plans of every kernel in many variants, made without a device: what the mutants' texts are looked up in.
 */

import type { BinaryOpDefinition } from '../../src/autograd/binary-op.ts';
import { type ElementwiseOpDefinition, elementwiseKernels } from '../../src/autograd/elementwise-op.ts';
import { ACTIVATIONS } from '../../src/autograd/ops/activations.ts';
import { COMPARISON_OPS, WHERE } from '../../src/autograd/ops/comparisons.ts';
import { ARITHMETIC } from '../../src/autograd/ops/elementwise.ts';
import { FUNCTIONS } from '../../src/autograd/ops/functions.ts';
import { DICE } from '../../src/autograd/ops/loss-dice.ts';
import { POINTWISE_LOSSES } from '../../src/autograd/ops/loss-pointwise.ts';
import type { UnaryOpDefinition } from '../../src/autograd/unary-op.ts';
import { accumulatePlan } from '../../src/kernels/accumulate.ts';
import { accuracySequence } from '../../src/kernels/accuracy.ts';
import { augmentImagesPlan } from '../../src/kernels/augment-images.ts';
import { batchNormApplyPlan } from '../../src/kernels/batch-norm/apply.ts';
import {
  batchNormBackwardInputPlan,
  batchNormBackwardPartialsPlan,
  batchNormBackwardSumsPlan,
} from '../../src/kernels/batch-norm/backward.ts';
import {
  batchNormSingleBackwardPlan,
  batchNormSingleForwardPlan,
} from '../../src/kernels/batch-norm/single-dispatch.ts';
import {
  batchNormBatchStatisticsPlan,
  batchNormPartialsPlan,
  batchNormRunningStatisticsPlan,
} from '../../src/kernels/batch-norm/statistics.ts';
import { castPlan } from '../../src/kernels/cast.ts';
import type { Algorithm } from '../../src/kernels/conv2d/algorithm.ts';
import { ALL_ALGORITHMS } from '../../src/kernels/conv2d/all-algorithms.ts';
import type { Epilogue } from '../../src/kernels/conv2d/epilogue.ts';
import { PASSES } from '../../src/kernels/conv2d/passes.ts';
import { crossEntropyBackwardPlan, crossEntropyPlan } from '../../src/kernels/cross-entropy.ts';
import { dropoutPlan } from '../../src/kernels/dropout.ts';
import { expandPlan, fillPlan } from '../../src/kernels/elementwise.ts';
import { gatherBackwardSequence, gatherPlan } from '../../src/kernels/gather.ts';
import { linearBackwardInputPlan, linearBackwardWeightPlan, linearPlan } from '../../src/kernels/linear.ts';
import {
  labelCountSequence,
  sigmoidCrossEntropyBackwardPlan,
  sigmoidCrossEntropyPlan,
} from '../../src/kernels/loss.ts';
import { matmulPlan } from '../../src/kernels/matmul.ts';
import { normBackwardInputPlan } from '../../src/kernels/norm/backward-input.ts';
import {
  normBackwardPartialsPlan,
  normBackwardSumsPlan,
} from '../../src/kernels/norm/backward-parameters.ts';
import { normForwardPlan } from '../../src/kernels/norm/forward.ts';
import { normalizeImagePlan } from '../../src/kernels/normalize-image.ts';
import { adamPlan } from '../../src/kernels/optimizer/adam.ts';
import { clipPlan, normPlan, squaresPlan } from '../../src/kernels/optimizer/gradient-norm.ts';
import { momentumPlan } from '../../src/kernels/optimizer/momentum.ts';
import { averagePlan, exchangePlan } from '../../src/kernels/optimizer/moving-average.ts';
import { rmsPropPlan } from '../../src/kernels/optimizer/rms-prop.ts';
import { sgdPlan } from '../../src/kernels/optimizer/sgd.ts';
import type { Operand } from '../../src/kernels/padding.ts';
import type { KernelPlan, KernelTarget } from '../../src/kernels/plan.ts';
import { avgPool2dBackwardPlan, avgPool2dPlan } from '../../src/kernels/pool/average.ts';
import { maxPool2dBackwardPlan, maxPool2dPlan } from '../../src/kernels/pool/max.ts';
import { reduceSequence } from '../../src/kernels/reduce.ts';
import { reduceBackwardPlan } from '../../src/kernels/reduce-backward.ts';
import { REDUCTIONS, type ReductionName } from '../../src/kernels/reductions.ts';
import {
  adaptiveAvgPool2dBackwardPlan,
  adaptiveAvgPool2dPlan,
} from '../../src/kernels/resample/adaptive-average.ts';
import { upsampleBackwardPlan, upsamplePlan } from '../../src/kernels/resample/upsample.ts';
import { clearPaddingPlan, inspectPlan, poisonPlan } from '../../src/kernels/results.ts';
import type { KernelSequence } from '../../src/kernels/sequence.ts';
import { softmaxBackwardPlan, softmaxPlan } from '../../src/kernels/softmax.ts';
import { copyPlan, relayoutPlan } from '../../src/kernels/strided-copy.ts';
import { type Conv2dGeometry, conv2dGeometry } from '../../src/shape/conv2d.ts';
import { pool2dGeometry } from '../../src/shape/pool2d.ts';
import { upsampleGeometry } from '../../src/shape/upsample.ts';
import { permuteView, viewOf } from '../../src/shape/view.ts';
import { awkwardConvolutions } from '../support/conv2d-cases.ts';

const dispatches = ({ once, steps }: KernelSequence): KernelPlan[] =>
  [...once, ...steps].map(({ plan }) => plan);

const BOOLEANS = [false, true];
const TYPES = ['f32', 'i32', 'u32'] as const;
/** Targets of the two sorts that kernels are chosen for. */
export const SOFTWARE: KernelTarget = {
  software: true,
  subgroupLanes: 8,
  readableTextures: true,
  sumsPerThread: 64,
};
export const GPU: KernelTarget = {
  software: false,
  subgroupLanes: 0,
  readableTextures: true,
  sumsPerThread: 64,
};

const flat: Operand = { shape: [3, 5], layout: 'row-major' };
const REDUCTION_NAMES = Object.keys(REDUCTIONS) as readonly ReductionName[];

const padded: Operand = { shape: [2, 3, 5, 7], layout: 'filter' };
const deep = viewOf({ shape: [2, 2, 2, 2, 2, 2], layout: 'row-major' });
const scalar: Operand = { shape: [1], layout: 'row-major' };

/** The kernels of an op that is declared by expressions, alike and broadcasting, of tensors and of numbers. */
function declaredPlans(definition: ElementwiseOpDefinition<string, string>): KernelPlan[] {
  const { forward, gradients } = elementwiseKernels(definition);
  const { inputs, parameters = [] } = definition;
  const given = Object.fromEntries(parameters.map((name) => [name, 1]));
  const operandsFor = (names: readonly string[], last: Operand | number) =>
    Object.fromEntries(names.map((name, i) => [name, i > 0 && i === names.length - 1 ? last : padded]));
  const backward = Object.values(gradients).map(({ makePlan, sources }) => ({
    makePlan,
    names: ['dy', ...sources],
  }));
  return [{ makePlan: forward, names: inputs }, ...backward].flatMap(({ makePlan, names }) =>
    makePlan
      ? [
          makePlan(flat, Object.fromEntries(names.map((name) => [name, flat])), given),
          ...[padded, scalar, 1].map((last) => makePlan(padded, operandsFor(names, last), given)),
        ]
      : [],
  );
}

const unary = ({ derivative, ...rest }: UnaryOpDefinition<string>): KernelPlan[] =>
  declaredPlans({ ...rest, inputs: ['x'], derivatives: { x: derivative } });

function declaredOpPlans(): KernelPlan[] {
  return [
    ...[...ACTIVATIONS, ...FUNCTIONS].flatMap(unary),
    ...declaredPlans(WHERE),
    ...[...ARITHMETIC, ...Object.values(COMPARISON_OPS)].flatMap((definition: BinaryOpDefinition) =>
      declaredPlans({ derivatives: {}, ...definition, inputs: ['a', 'b'] }),
    ),
    ...[...Object.values(POINTWISE_LOSSES), DICE].flatMap((definition) => declaredPlans(definition)),
  ];
}

function optimizerPlans(): KernelPlan[] {
  const settings = {
    learningRate: 1,
    weightDecay: 1,
    momentum: 1,
    epsilon: 1,
    alpha: 1,
    betas: [0, 0] as const,
  };
  return [
    sgdPlan(9, settings),
    ...BOOLEANS.map((nesterov) => momentumPlan(9, { ...settings, nesterov })),
    squaresPlan(9, 0),
    normPlan(9),
    clipPlan(9, 1),
    averagePlan(9, 0.9),
    exchangePlan(9),
    adamPlan(9, { ...settings, decoupled: false, update: 1 }),
    ...BOOLEANS.flatMap((centered) =>
      [0, 1].map((momentum) => rmsPropPlan(9, { ...settings, centered, momentum })),
    ),
  ];
}

function elementwisePlans(): KernelPlan[] {
  return [
    fillPlan(padded, {}, { scalar: 1 }),
    accumulatePlan(flat),
    ...TYPES.flatMap((from) => TYPES.map((to) => castPlan(from, to, flat))),
    normalizeImagePlan(9),
    augmentImagesPlan({ batch: 2, first: 0, images: 2, height: 3, width: 3 }),
    ...[flat, padded].flatMap((operand) =>
      BOOLEANS.flatMap((normalize) => [
        sigmoidCrossEntropyPlan(operand, { normalize, positiveWeight: normalize ? 3 : 1 }),
        sigmoidCrossEntropyBackwardPlan(operand, { normalize, positiveWeight: normalize ? 3 : 1 }),
        ...dispatches(labelCountSequence(operand)),
      ]),
    ),
  ];
}

function stridedPlans(): KernelPlan[] {
  const image: Operand = { shape: [2, 20, 13, 11], layout: 'channels-last' };
  return [
    expandPlan(padded, { x: scalar }, { factor: 1 }),
    relayoutPlan(padded.shape, padded.layout, 'row-major'),
    ...[flat, { ...flat, shape: [3, 8] }].flatMap((x) => [
      gatherPlan(x, 5),
      ...dispatches(gatherBackwardSequence(x, 5)),
    ]),
    copyPlan('permute', permuteView(deep, [5, 4, 3, 2, 1, 0]), deep),
    ...[scalar, { shape: [1, 20, 13, 1], layout: 'row-major' } as const].flatMap((y) =>
      REDUCTION_NAMES.flatMap((name) => dispatches(reduceSequence(name, image, y))),
    ),
    ...dispatches(reduceSequence('max', padded, scalar)),
    ...(['extreme', 'variance', 'logSumExp'] as const).map((name) => reduceBackwardPlan(name, image, scalar)),
    ...(['softmax', 'logSoftmax'] as const).flatMap((op) =>
      [padded, { shape: [2, 100], layout: 'row-major' } as const].flatMap((operand) => [
        softmaxPlan(op, operand, 1),
        softmaxBackwardPlan(op, operand, 1),
      ]),
    ),
    ...crossEntropyPlans(),
    ...[2, 20].flatMap((classes) => dispatches(accuracySequence(9, classes))),
    ...BOOLEANS.map((bias) => linearPlan({ rows: 9, inFeatures: 300, outFeatures: 70 }, { bias })),
    linearBackwardInputPlan({ rows: 9, inFeatures: 300, outFeatures: 70 }),
    matmulPlan({ batch: [2, 3], aBatch: [2, 1], bBatch: [3], rows: 9, inner: 300, columns: 70 }),
    linearBackwardWeightPlan({ rows: 9, inFeatures: 300, outFeatures: 70 }),
  ];
}

function crossEntropyPlans(): KernelPlan[] {
  const terms = { ignoreIndex: -100, smoothing: 0.1 };
  const reduction = { reduced: true, divided: true, factor: 1 };
  return [3, 100].flatMap((classes) =>
    BOOLEANS.flatMap((probabilities) => {
      const x: Operand = { shape: [2, classes], layout: 'row-major' };
      const options = { ...terms, probabilities, weighted: true };
      return [crossEntropyPlan(x, options), crossEntropyBackwardPlan(x, options, reduction)];
    }),
  );
}

function poolPlans(): KernelPlan[] {
  const g = pool2dGeometry([2, 6, 13, 12], { kernel: 3, stride: [2, 1], padding: 1 });
  return [
    ...BOOLEANS.map((indexes) => maxPool2dPlan(g, { indexes })),
    maxPool2dBackwardPlan(g),
    ...BOOLEANS.flatMap((exclusive) => [
      avgPool2dPlan(g, { exclusive }),
      avgPool2dBackwardPlan(g, { exclusive }),
    ]),
  ];
}

function resamplePlans(): KernelPlan[] {
  const sizes = { batch: 1, channels: 4, inHeight: 5, inWidth: 6, outHeight: 2, outWidth: 4 };
  const modes = ['nearest', 'bilinear'] as const;
  return [
    ...modes.flatMap((mode) => {
      const g = upsampleGeometry([1, 4, 5, 6], { scale: 2, mode });
      return [upsamplePlan(g), upsampleBackwardPlan(g)];
    }),
    adaptiveAvgPool2dPlan(sizes),
    adaptiveAvgPool2dBackwardPlan(sizes),
  ];
}

function batchNormPlans(): KernelPlan[] {
  const size = { pixels: 40, channels: 6 };
  const running = { momentum: 0.9, unbiased: true };
  const fusions = BOOLEANS.flatMap((residual) => BOOLEANS.map((relu) => ({ residual, relu })));
  const sources = ['batch', 'running'] as const;
  return [
    batchNormPartialsPlan(size),
    batchNormBatchStatisticsPlan(size, 1e-5, running),
    batchNormRunningStatisticsPlan(6, 1e-5),
    ...fusions.flatMap((fusion) => [
      batchNormApplyPlan(size, fusion),
      batchNormSingleForwardPlan(size, fusion, 1e-5, running),
      batchNormSingleBackwardPlan(size, fusion, fusion.residual),
      batchNormBackwardPartialsPlan(size, fusion),
      ...sources.map((statistics) =>
        batchNormBackwardInputPlan(size, fusion, { statistics, input: true, residualInput: fusion.residual }),
      ),
    ]),
    ...sources.map((statistics) =>
      batchNormBackwardSumsPlan(size, {
        statistics,
        parameters: true,
        coefficients: statistics === 'batch',
      }),
    ),
  ];
}

function dropoutPlans(): KernelPlan[] {
  const plan = (unit: 'element' | 'sample', length: number) =>
    dropoutPlan({ samples: 3, length }, { unit, probability: 0.5, key: [1, 2] });
  return [plan('element', 5), plan('sample', 8), plan('sample', 5)];
}

function normPlans(target: KernelTarget): KernelPlan[] {
  const row = { images: 9, pixels: 1, channels: 6, groups: 1 };
  const blocks = { images: 2, pixels: 9, channels: 8, groups: 2 };
  const channels = { images: 2, pixels: 9, channels: 6, groups: 2 };
  const both = { weight: true, bias: true };
  return [row, blocks, channels].flatMap((size) => [
    normForwardPlan(size, both, 1e-5, target),
    normBackwardInputPlan(size, both, target),
    normBackwardPartialsPlan(size),
    normBackwardSumsPlan(6, both, 1),
  ]);
}

function resultPlans(): KernelPlan[] {
  const lanes = ['floats', 'integers', 'bytes'] as const;
  const plans = lanes.flatMap((kind) => [clearPaddingPlan(padded, kind), inspectPlan(padded, kind)]);
  return [poisonPlan(64), ...plans];
}

const EPILOGUES: readonly Epilogue[] = BOOLEANS.map((all) => ({
  bias: true,
  norm: all,
  residual: all,
  relu: all,
}));

/** The convolutions that the variants are made for. */
const CONVOLUTIONS = [
  'pointwise, odd size',
  'channels no multiple of 4',
  'three by three, stride 2',
  'a dilated window',
  'aligned groups',
  'groups of four',
  'groups that share vec4s',
  'depthwise',
  'a long sum of pixels',
  'many channels',
];

function algorithmPlans(algorithm: Algorithm, g: Conv2dGeometry, target: KernelTarget): KernelPlan[] {
  const make = {
    forward: () => EPILOGUES.flatMap((epilogue) => dispatches(algorithm.forward(g, epilogue, target))),
    backwardInput: () => dispatches(algorithm.backwardInput(g, target)),
    backwardWeight: () => dispatches(algorithm.backwardWeight(g, target)),
  };
  return PASSES.filter((pass) => algorithm.supports(pass, g, target)).flatMap((pass) => make[pass]());
}

function convolutionPlans(target: KernelTarget): KernelPlan[] {
  const geometries = CONVOLUTIONS.map((name) => {
    const { input, weight, options } = awkwardConvolutions[name]!;
    return conv2dGeometry(input, weight, options);
  });
  return ALL_ALGORITHMS.flatMap((algorithm) =>
    geometries.flatMap((g) => algorithmPlans(algorithm, g, target)),
  );
}

/** Plans of every variant, each once. */
export function kernelPlans(target: KernelTarget): KernelPlan[] {
  const plans = [
    ...elementwisePlans(),
    ...declaredOpPlans(),
    ...optimizerPlans(),
    ...stridedPlans(),
    ...poolPlans(),
    ...resamplePlans(),
    ...batchNormPlans(),
    ...normPlans(target),
    ...dropoutPlans(),
    ...convolutionPlans(target),
    ...resultPlans(),
  ];
  return [...new Map(plans.map((plan) => [plan.key, plan])).values()];
}

/** The WGSL of every variant, by the name of its kernel. */
export function wgslByKernel(): ReadonlyMap<string, readonly string[]> {
  const sources = new Map<string, string[]>();
  for (const plan of kernelPlans(SOFTWARE)) {
    sources.set(plan.name, [...(sources.get(plan.name) ?? []), plan.wgsl()]);
  }
  return sources;
}
