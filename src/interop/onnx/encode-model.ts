/**
 * @file The bytes of an ONNX file. Imported on demand, since it brings the protobuf library.
 *
 * Opset 17 is the oldest that has every operator written as it is meant today; so the file is read by all runtimes since 2022
 * (onnxruntime 1.12, TensorRT 8.5, OpenVINO 2022.3). IR version 8 is the one that came with it.
 * https://github.com/onnx/onnx/blob/main/docs/Versioning.md
 */

import { create, toBinary } from '@bufbuild/protobuf';
import { VERSION } from '../../version.ts';
import type { Attribute, OnnxConstant, OnnxGraph, OnnxType, OnnxValue } from './graph.ts';
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  TensorProto_DataType,
} from './schema.ts';

const OPSET = 17n;
const IR_VERSION = 8n;
/** What the axis of the samples is called: its extent is any. */
const BATCH = 'batch';

const TYPES: Record<OnnxType, TensorProto_DataType> = {
  f32: TensorProto_DataType.FLOAT,
  u8: TensorProto_DataType.UINT8,
};

/** The file of `graph`, with free texts by key. */
export function encodeModel(graph: OnnxGraph, metadata: Readonly<Record<string, string>>): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET }],
    producerName: 'fovea',
    producerVersion: VERSION,
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: 'model',
      input: [valueInfo(graph.input)],
      output: [valueInfo(graph.output)],
      initializer: [...graph.constants].map(([name, constant]) => tensorOf(name, constant)),
      node: graph.nodes.map(({ name, operator, inputs, output, attributes }) => ({
        name,
        opType: operator,
        input: [...inputs],
        output: [output],
        attribute: Object.entries(attributes).map(([key, value]) => attributeOf(key, value)),
      })),
    },
  });
  return toBinary(ModelProtoSchema, model);
}

function valueInfo({ name, type, shape }: OnnxValue) {
  const batch = { value: { case: 'dimParam' as const, value: BATCH } };
  const extents = shape.map((extent) => ({ value: { case: 'dimValue' as const, value: BigInt(extent) } }));
  const tensorType = { elemType: TYPES[type], shape: { dim: [batch, ...extents] } };
  return { name, type: { value: { case: 'tensorType' as const, value: tensorType } } };
}

function tensorOf(name: string, { shape, data }: OnnxConstant) {
  return {
    name,
    dims: shape.map(BigInt),
    dataType: data instanceof Float32Array ? TensorProto_DataType.FLOAT : TensorProto_DataType.INT64,
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength), // little-endian, as every machine of today
  };
}

function attributeOf(name: string, attribute: Attribute) {
  if ('int' in attribute) return { name, type: AttributeType.INT, i: BigInt(attribute.int) };
  if ('ints' in attribute) return { name, type: AttributeType.INTS, ints: attribute.ints.map(BigInt) };
  return { name, type: AttributeType.FLOAT, f: attribute.float };
}
