/**
 * @file What `import 'fovea'` gives everywhere.
 */

export type { OptionRules, RequiredRule, Rule, StopSignal } from './arguments.ts';
export { type BackwardOptions, backward } from './autograd/backward.ts';
export { type BinaryOp, type BinaryOpDefinition, binaryOp } from './autograd/binary-op.ts';
export { defineOp, type Op, type OpDefinition } from './autograd/define-op.ts';
export { type GradCheckOptions, type GradCheckResult, gradCheck } from './autograd/grad-check.ts';
export type { TensorFunction } from './autograd/gradient-consistency.ts';
export { type BackwardContext, clearGrad, gradOf, noGrad, requiresGrad } from './autograd/graph.ts';
export * from './autograd/ops.ts';
export { type UnaryOpDefinition, type UnaryOpParameters, unaryOp } from './autograd/unary-op.ts';
export type { CreateDeviceOptions } from './create-device.ts';
export {
  type ArrayBatch,
  type ArrayData,
  ArrayLoader,
  type ArrayLoaderOptions,
} from './data/array-loader.ts';
export type { ClassOptions, ClassSet } from './data/class-folders.ts';
export type {
  ClassRow,
  ClassTableOptions,
  ExaminedTable,
  RowProblem,
  RowProblemKind,
} from './data/class-table.ts';
export { type Batch, DataLoader, type DataLoaderOptions, type EpochOptions } from './data/data-loader.ts';
export type { Decoder } from './data/decoder.ts';
export type { Folder } from './data/ichallenge-pm.ts';
export type { ChannelOrder, DecodeOptions, Image } from './data/image.ts';
export type { CacheOptions } from './data/pixel-cache/bounded-cache.ts';
export { type CorruptImage, PixelDataset, type PixelDatasetOptions } from './data/pixel-dataset.ts';
export { PREPROCESSINGS, type Preprocessing, type PreprocessingSteps } from './data/preprocessing.ts';
export { resizeBilinear } from './data/resize.ts';
export type { Sample, SampleSource } from './data/sample.ts';
export type { DivisionOptions, FoldOptions, Split, SplitOptions } from './data/split.ts';
export {
  type SyntheticDatasetOptions,
  type SyntheticFile,
  syntheticFiles,
} from './data/synth/synthetic-files.ts';
export type { AffineMatrix } from './data/transforms/affine-matrix.ts';
export {
  type Augmentation,
  type AugmentationOptions,
  drawAugmentation,
} from './data/transforms/augmentation.ts';
export { type ColorJitterOptions, colorJitter } from './data/transforms/color-jitter.ts';
export type { ColorMatrix } from './data/transforms/color-matrix.ts';
export { mixup, type RandomErasingOptions, randomErasing } from './data/transforms/erase-and-mix.ts';
export {
  type RandomAffineOptions,
  type RandomResizedCropOptions,
  randomAffine,
  randomHorizontalFlip,
  randomResizedCrop,
  randomRotation,
  randomVerticalFlip,
} from './data/transforms/geometric.ts';
export type { NumberRange } from './data/transforms/ranges.ts';
export { compose, type ImageDraw, type Rectangle, type Transform } from './data/transforms/transform.ts';
export type { Tree, TreeContents, TreeFile } from './data/tree/tree.ts';
export type { AdapterKind, AdapterSource } from './device/adapter-source.ts';
export type { BufferSlice, DeviceBuffer, PoolStatistics } from './device/buffer-pool.ts';
export { Device, type DeviceStatistics } from './device/device.ts';
export type { DeviceInfo, DeviceLimits } from './device/info.ts';
export type { MemorySnapshot, SnapshotOptions } from './device/memory-snapshot.ts';
export type { DeviceOptions } from './device/options.ts';
export { type Profile, profile } from './device/profile.ts';
export type { KernelEvent, KernelTime } from './device/profiler.ts';
export { FoveaError, type FoveaErrorCode } from './errors.ts';
export { blockFor } from './explain/block-for.ts';
export { type ActivationMap, type GradCamOptions, gradCam } from './explain/grad-cam.ts';
export { type DrawnMap, type OverlayOptions, overlayMap } from './explain/overlay.ts';
export { type OnnxOptions, toOnnx } from './interop/onnx/to-onnx.ts';
export {
  decodePaddleOptimizer,
  decodePaddleParameters,
  encodePaddleOptimizer,
  encodePaddleParameters,
  momentumFromPaddle,
  type PaddleNames,
  type PaddleOptimizer,
  type PaddleOptimizerOptions,
  type PaddleParameters,
} from './interop/paddle.ts';
export type { WeightNames } from './interop/resnet-names.ts';
export { decodeTorch, encodeTorch } from './interop/torch/torch.ts';
export {
  type DecodedWeights,
  decodeWeights,
  type EncodeWeightsOptions,
  encodeWeights,
  type ResNetWeights,
  type WeightFormat,
} from './interop/weights.ts';
export type { ElementType, HostTensor } from './io/element-types.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsDtype,
  type SafetensorsFile,
  type SafetensorsInput,
  type SafetensorsTensor,
} from './io/safetensors.ts';
export type { ByteSource } from './io/zip/byte-source.ts';
export { auc, aucInterval, type Interval, type IntervalOptions } from './judge/auc.ts';
export {
  type Calibration,
  type CalibrationBin,
  type CalibrationOptions,
  calibrationOf,
} from './judge/calibration.ts';
export { confusionMatrix, macroAuc } from './judge/class-metrics.ts';
export { type ClassesFigures, type ClassFigures, classFigures } from './judge/classes.ts';
export {
  type PrecisionRecallCurve,
  type PrecisionRecallPoint,
  precisionRecallCurve,
  type RocPoint,
  rocCurve,
} from './judge/curves.ts';
export { type FoldMean, meanOverFolds } from './judge/folds.ts';
export { type JudgedPredictions, type Judgement, type JudgeOptions, judge } from './judge/judgement.ts';
export {
  atBestYouden,
  atOneHalf,
  atSensitivity,
  atThreshold,
  type OperatingPoint,
} from './judge/operating-point.ts';
export { bySubgroup, type GroupOf, palmGroup, type Subgroup } from './judge/subgroups.ts';
export { fitTemperature, scaledProbabilities, type Temperature } from './judge/temperature.ts';
export { type Access, type Bindings, type BufferDeclaration, reads, writes } from './kernels/buffers.ts';
export type { Pass, TunedAlgorithms } from './kernels/conv2d/passes.ts';
export { threadEntry, threadGrid, workgroupEntry, workgroupGrid } from './kernels/grid.ts';
export {
  type Constant,
  defineKernel,
  type KernelDefinition,
  type PlanMaker,
  type Variant,
} from './kernels/kernel.ts';
export type { SigmoidCrossEntropyOptions } from './kernels/loss.ts';
export type { ChannelTriple, ImageNormalization } from './kernels/normalize-image.ts';
export type { KernelPlan, KernelTarget } from './kernels/plan.ts';
export type { UniformType, UniformTypes } from './kernels/uniforms.ts';
export { type Piece, piece } from './kernels/wgsl.ts';
export type {
  AdapterChoice,
  AdapterFigures,
  ConvolutionFigure,
  ConvolutionFigures,
  FigurePart,
  GradientFigure,
  GradientFigures,
  StepFigures,
  TuningFigure,
  TuningFigures,
} from './laboratory/figures.ts';
export { adapterFiguresMarkdown } from './laboratory/markdown.ts';
export {
  type MeasureAdapterOptions,
  type MeasureProgress,
  measureAdapter,
} from './laboratory/measure-adapter.ts';
export { decodeAdapterFigures } from './laboratory/read-figures.ts';
export { BasicBlock } from './nn/basic-block.ts';
export { BatchNorm, type BatchNormOptions } from './nn/batch-norm.ts';
export { BottleneckBlock } from './nn/bottleneck-block.ts';
export { Buffer } from './nn/buffer.ts';
export { ConvBNLayer, type ConvBNLayerOptions } from './nn/conv-bn-layer.ts';
export { ConvTranspose2D, type ConvTranspose2DOptions } from './nn/conv-transpose2d.ts';
export { Conv2D, type Conv2DOptions } from './nn/conv2d.ts';
export { Dropout, DropPath } from './nn/dropout.ts';
export type { FilterOptions } from './nn/filter.ts';
export { freeze, type ParameterPattern, unfreeze } from './nn/freeze.ts';
export { constant, type Initializer, normal, uniform, xavierUniform } from './nn/initializers.ts';
export {
  AdaptiveAvgPool2D,
  type AdaptiveAvgPool2DOptions,
  ELU,
  Flatten,
  GELU,
  HardSigmoid,
  HardSwish,
  Identity,
  LeakyReLU,
  ReLU,
  Sigmoid,
  SiLU,
  Softmax,
  Softplus,
  Tanh,
  Upsample,
} from './nn/layers.ts';
export { Linear, type LinearOptions } from './nn/linear.ts';
export { type AnyModule, Module } from './nn/module.ts';
export { GroupNorm, type GroupNormOptions, LayerNorm, type LayerNormOptions } from './nn/norm.ts';
export { Parameter, type ParameterOptions } from './nn/parameter.ts';
export { Pool2D, type Pool2DOptions } from './nn/pool2d.ts';
export type { ResidualBlockOptions } from './nn/residual-block.ts';
export { ResNet, type ResNetLayers, type ResNetOptions } from './nn/resnet.ts';
export { type Layer, Sequential } from './nn/sequential.ts';
export type {
  LoadableState,
  LoadReport,
  LoadStateOptions,
  StateDict,
  StateEntry,
} from './nn/state-dict.ts';
export { type LayerSummary, type Summary, summary } from './nn/summary.ts';
export { fromTorch, toTorch } from './nn/torch.ts';
export { Adam, type AdamOptions, type AdamSettings, AdamW } from './optim/adam.ts';
export { clipGradNorm } from './optim/clip-grad-norm.ts';
export { CosineDecay, type CosineDecayOptions } from './optim/cosine-decay.ts';
export {
  type AverageState,
  ExponentialMovingAverage,
  type ExponentialMovingAverageOptions,
} from './optim/exponential-moving-average.ts';
export { Momentum, type MomentumOptions, type MomentumSettings } from './optim/momentum.ts';
export { OneCycle, type OneCycleOptions } from './optim/one-cycle.ts';
export { Optimizer } from './optim/optimizer.ts';
export type { OptimizerState } from './optim/optimizer-state.ts';
export type {
  OptimizerOptions,
  OptimizerSettings,
  ParameterGroup,
  ParameterList,
} from './optim/parameter-groups.ts';
export { PolynomialDecay, type PolynomialDecayOptions } from './optim/polynomial-decay.ts';
export { ReduceOnPlateau, type ReduceOnPlateauOptions } from './optim/reduce-on-plateau.ts';
export { RMSProp, type RMSPropOptions, type RMSPropSettings } from './optim/rms-prop.ts';
export type { Schedule, ScheduleState } from './optim/schedule.ts';
export { SGD, type SGDOptions } from './optim/sgd.ts';
export { StepDecay, type StepDecayOptions } from './optim/step-decay.ts';
export type { UpdateRule, UpdateSettings } from './optim/update-rule.ts';
export { WarmUp, type WarmUpOptions } from './optim/warm-up.ts';
export { Random, type RandomState } from './random.ts';
export type { Facts, Mistake, ReportContent, ReportedPredictions, ReportFigures } from './report/content.ts';
export { illustrateMistakes, type MistakePictures } from './report/mistake-pictures.ts';
export { worstMistakes } from './report/mistakes.ts';
export { type CardSet, type ModelCardContent, renderModelCard } from './report/model-card.ts';
export { renderReport } from './report/report.ts';
export type { ConvTranspose2dAttributes } from './shape/conv-transpose2d.ts';
export type { Conv2dAttributes, Conv2dGeometry } from './shape/conv2d.ts';
export type { Layout } from './shape/layout.ts';
export type { Pool2dAttributes } from './shape/pool2d.ts';
export type { Shape } from './shape/shape.ts';
export type { SliceOptions } from './shape/slice.ts';
export type { UpsampleOptions } from './shape/upsample.ts';
export type { Padding, Pair } from './shape/window.ts';
export { empty, full, readTensors, type TensorOptions, tensor, upload, zeros } from './tensor/create.ts';
export { run } from './tensor/custom-run.ts';
export { generatorOf, manualSeed } from './tensor/generator.ts';
export { openDevice } from './tensor/open-device.ts';
export type { Operands } from './tensor/run.ts';
export {
  keep,
  type OpenScope,
  type Owned,
  openScope,
  scope,
  type TensorStatistics,
  tensorStatistics,
} from './tensor/scope.ts';
export { type AnyTensor, Tensor, type TensorDescription } from './tensor/tensor.ts';
export { setTuning, tuningOf } from './tensor/tuning.ts';
export type { DataOf, DType, DTypeOf, NestedNumbers, TensorData, TensorValues } from './tensor/values.ts';
export type { AnyBatch, BatchSource } from './train/batch-source.ts';
export {
  type Checkpoint,
  checkSameTraining,
  type ModelConfig,
  modelOfCheckpoint,
  restoreCheckpoint,
  type TrainingDescription,
  type TrainingPosition,
  type TrainingSettings,
  takeCheckpoint,
} from './train/checkpoint.ts';
export { decodeCheckpoint, encodeCheckpoint } from './train/checkpoint-format.ts';
export type { EarlyStoppingOptions } from './train/early-stopping.ts';
export {
  type EvaluateOptions,
  type Evaluation,
  type EvaluationFigures,
  evaluate,
  type Figures,
  type Means,
} from './train/evaluate.ts';
export { type FitResult, fit } from './train/fit.ts';
export type {
  FitOptions,
  MeansReport,
  RecoverOptions,
  RecoveryReport,
  StepReport,
} from './train/fit-options.ts';
export { type InferenceOptions, type Prediction, predict } from './train/inference.ts';
export {
  BatchMean,
  type BatchMeanState,
  binaryAccuracy,
  type Confusion,
  confusion,
  predictedClass,
} from './train/metrics.ts';
export type { Metric, ObjectiveOptions, Outcome, StepOptions, WithMetric } from './train/objective.ts';
export { type LossCurve, lossCurveSvg, type TrainingPoint, type ValidationPoint } from './train/plot.ts';
export {
  BEGINNING,
  type BestBy,
  bestEpoch,
  type EpochReport,
  type TrainingProgress,
} from './train/progress.ts';
export { recalibrate } from './train/recalibrate.ts';
export {
  type Recipe,
  type RecipeName,
  type RecipeTraining,
  type RecipeUpdates,
  recipes,
} from './train/recipes.ts';
export { prepareStep, rehearseStep, type StepResult, trainStep } from './train/step.ts';
export type { StepValues } from './train/step-log.ts';
export type { TuneOptions, TuneProgress } from './tune/tune.ts';
export type { Candidate, TunedPass } from './tune/tune-pass.ts';
export { type ConvolutionPass, TuningTable } from './tune/tuning-table.ts';
export type { AlgorithmFinding, Certificate, Finding, OpFinding } from './verify/certificate.ts';
export { type VerifyOptions, verify } from './verify/verify.ts';
export { VERSION } from './version.ts';
