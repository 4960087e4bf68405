/**
 * @file The operators of what is made of other layers: each `forward` once more, on names in place of tensors.
 */

import { BasicBlock } from '../../nn/basic-block.ts';
import { BottleneckBlock } from '../../nn/bottleneck-block.ts';
import { ConvBNLayer } from '../../nn/conv-bn-layer.ts';
import { ResNet } from '../../nn/resnet.ts';
import { Sequential } from '../../nn/sequential.ts';
import { type Emit, kind, type LayerKind } from './emitter.ts';

const emitSequential: Emit<Sequential> = (emitter, { layers }, x) =>
  layers.reduce((y, layer) => emitter.layer(layer, y), x);

const emitConvBatchNorm: Emit<ConvBNLayer> = (emitter, { conv, batchNorm }, x, residual) =>
  emitter.layer(batchNorm, emitter.layer(conv, x), residual);

const emitBasicBlock: Emit<BasicBlock> = (emitter, { conv0, conv1, short }, x) =>
  emitter.layer(conv1, emitter.layer(conv0, x), short ? emitter.layer(short, x) : x);

const emitBottleneck: Emit<BottleneckBlock> = (emitter, { conv0, conv1, conv2, short }, x) => {
  const y = emitter.layer(conv1, emitter.layer(conv0, x));
  return emitter.layer(conv2, y, short ? emitter.layer(short, x) : x);
};

const emitResNet: Emit<ResNet> = (emitter, { conv, maxPool, blocks, averagePool, out }, x) => {
  const stem = emitter.layer(maxPool, emitter.layer(conv, x));
  const maps = blocks.reduce((y, block) => emitter.layer(block, y), stem);
  const features = emitter.node('Flatten', [emitter.layer(averagePool, maps)], { axis: { int: 1 } });
  return emitter.layer(out, features);
};

/** Every layer that is made of others. */
export const NETWORKS: readonly LayerKind[] = [
  kind(Sequential, emitSequential),
  kind(ConvBNLayer, emitConvBatchNorm),
  kind(BasicBlock, emitBasicBlock),
  kind(BottleneckBlock, emitBottleneck),
  kind(ResNet, emitResNet),
];
