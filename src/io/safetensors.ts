/**
 * @file The safetensors format, both ways, on bytes.
 *
 * A file is: the header's length N (u64, little endian), N bytes of JSON
 * `{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, …, "__metadata__": {…}}`, then the
 * tensors' bytes, little endian and in row-major order, without holes. Offsets count from the header's end.
 * https://github.com/huggingface/safetensors
 */

import { BYTES, checkArgument } from '../arguments.ts';
import { counted } from '../counted.ts';
import { check } from '../errors.ts';
import {
  bytesPerElement,
  decodeElements,
  ELEMENT_ARRAYS,
  type ElementType,
  type HostTensor,
  isStoredType,
  widened,
} from './element-types.ts';
import { readHeader, type TensorHeader } from './safetensors-header.ts';
import { checkTensorList, type SafetensorsInput, TEXTS } from './tensor-list.ts';

export type { SafetensorsInput } from './tensor-list.ts';

/** An element type that can be written. */
export type SafetensorsDtype = ElementType;

/** A tensor of a file. */
export type SafetensorsTensor = HostTensor;

/** The contents of a file. */
export interface SafetensorsFile {
  /** The tensors by name, in the header's order. */
  readonly tensors: Map<string, SafetensorsTensor>;
  /** Free text by key; empty where the file has none. */
  readonly metadata: Record<string, string>;
}

const DTYPES = Object.keys(ELEMENT_ARRAYS) as SafetensorsDtype[];

/** The length field before the header, and what the header is padded to, so that tensors lie aligned. */
const LENGTH_BYTES = 8;
const HEADER_ALIGNMENT = 8;

/**
 * The bytes of a safetensors file, of a state dict for instance.
 *
 * Wider element types come first, so that every tensor is aligned to its elements; tensors of one width keep
 * the order given. The same tensors and metadata give the same bytes.
 *
 * Throws 'invalid-argument' for a name that occurs twice or is reserved, 'dtype-mismatch' where the
 * array is not of the element type, 'shape-mismatch' where it is not as long as the shape says.
 */
export function encodeSafetensors(
  tensors: Iterable<readonly [string, SafetensorsInput]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const given = checkTensorList('encodeSafetensors', tensors);
  checkArgument('the metadata of encodeSafetensors', metadata, TEXTS);
  const entries = given.sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const header = encodeHeader(entries, metadata);
  const dataLength = entries.reduce((sum, [, tensor]) => sum + tensor.data.byteLength, 0);
  const bytes = new Uint8Array(LENGTH_BYTES + header.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, LENGTH_BYTES);
  let offset = LENGTH_BYTES + header.length;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a safetensors file. Every tensor gets memory of its own. `F16` and `BF16` are widened to `F32`, which
 * holds each of their values exactly.
 *
 * Throws 'bad-file' for whatever the format does not allow, and for element types unknown here.
 */
export function decodeSafetensors(bytes: Uint8Array): SafetensorsFile {
  checkArgument('what decodeSafetensors is given', bytes, BYTES);
  const { tensors: headers, metadata, dataStart } = readHeader(bytes);
  const data = bytes.subarray(dataStart);
  checkCoverage(headers, data.length);
  const tensors = new Map<string, SafetensorsTensor>();
  for (const header of headers) tensors.set(header.name, decodeTensor(header, data));
  return { tensors, metadata };
}

/** The header's JSON, padded with spaces. Written piecewise: an object would move names like "0" to the front. */
function encodeHeader(
  entries: readonly (readonly [string, SafetensorsTensor])[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const parts: string[] = [];
  if (Object.keys(metadata).length > 0) parts.push(`"__metadata__":${JSON.stringify(metadata)}`);
  let offset = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    check(
      name !== '__metadata__',
      'invalid-argument',
      () => `A tensor may not be named "${name}": reserved.`,
    );
    const description = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    parts.push(`${JSON.stringify(name)}:${JSON.stringify(description)}`);
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(`{${parts.join(',')}}`);
  const padded = new Uint8Array(Math.ceil(json.length / HEADER_ALIGNMENT) * HEADER_ALIGNMENT).fill(0x20);
  padded.set(json);
  return padded;
}

/** Checks that the tensors cover the data from end to end, each byte once. */
function checkCoverage(headers: readonly TensorHeader[], dataLength: number): void {
  const inOrder = [...headers].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of inOrder) {
    check(begin === covered, 'bad-file', () => {
      const what = begin < covered ? 'overlaps the tensor before it' : 'leaves a hole before it';
      return `safetensors: "${name}" ${what}: it begins at byte ${begin}, not ${covered}.`;
    });
    check(end <= dataLength, 'bad-file', () => {
      return `safetensors: "${name}" ends at byte ${end}, but the data has ${dataLength}: the file is cut short.`;
    });
    covered = end;
  }
  check(covered === dataLength, 'bad-file', () => {
    return `safetensors: the data has ${counted(dataLength, 'byte')}, but the tensors cover ${covered}: extra bytes follow.`;
  });
}

function decodeTensor({ name, dtype, shape, begin, end }: TensorHeader, data: Uint8Array): SafetensorsTensor {
  check(isStoredType(dtype), 'bad-file', () => {
    return `safetensors: "${name}" has dtype ${dtype}; known are F16, BF16, ${DTYPES.join(', ')}.`;
  });
  const size = shape.reduce((product, length) => product * length, 1);
  const expected = size * bytesPerElement(dtype);
  check(end - begin === expected, 'bad-file', () => {
    return (
      `safetensors: "${name}" of shape [${shape.join(', ')}] and dtype ${dtype} takes ${counted(expected, 'byte')}, ` +
      `but its offsets [${begin}, ${end}] span ${end - begin}.`
    );
  });
  // Copied, not viewed: a view would have to be aligned, and would keep the whole file alive.
  const elements = decodeElements(dtype, data.subarray(begin, end));
  return { dtype: widened(dtype), shape, data: elements } as SafetensorsTensor;
}
