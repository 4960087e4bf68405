/** @file Reads and validates the JSON header of a safetensors file; trusts nothing in it. */

import { check, FoveaError } from '../errors.ts';

/** A tensor as the header describes it; `begin` and `end` count bytes from the header's end. */
export interface TensorHeader {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** The header, and where in the file the tensors' bytes start. */
export interface SafetensorsHeader {
  readonly tensors: readonly TensorHeader[];
  readonly metadata: Record<string, string>;
  readonly dataStart: number;
}

const LENGTH_BYTES = 8;
/** The format's own bound. */
const MAX_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';
/** How much of a value a message shows. */
const CHARACTERS_SHOWN = 100;

/**
 * Reads the header at the start of `bytes`.
 *
 * Throws 'bad-file' where it is not well formed; whether the offsets fit the data is not checked.
 */
export function readHeader(bytes: Uint8Array): SafetensorsHeader {
  const length = headerLength(bytes);
  const text = decodeText(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
  const header = parseJson(text);
  const { [METADATA]: metadata = {}, ...rest } = header;
  check(isRecord(metadata), 'bad-file', () => `safetensors: ${METADATA} is not an object.`);
  for (const [key, value] of Object.entries(metadata)) {
    check(typeof value === 'string', 'bad-file', () => {
      return `safetensors: ${METADATA} "${key}" is ${shown(value)}, not a text.`;
    });
  }
  const names = topLevelNames(text).filter((name) => name !== METADATA);
  return {
    tensors: names.map((name) => tensorHeader(name, rest[name])),
    metadata: metadata as Record<string, string>,
    dataStart: LENGTH_BYTES + length,
  };
}

function headerLength(bytes: Uint8Array): number {
  check(bytes.length >= LENGTH_BYTES, 'bad-file', () => {
    return `safetensors: a file has at least ${LENGTH_BYTES} bytes, this one ${bytes.length}.`;
  });
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  check(length <= bytes.length - LENGTH_BYTES, 'bad-file', () => {
    return (
      `safetensors: the header is said to have ${length} bytes, but ${bytes.length - LENGTH_BYTES} follow: ` +
      'the file is cut short, or no safetensors file.'
    );
  });
  check(length <= MAX_HEADER_BYTES, 'bad-file', () => {
    return `safetensors: the header is said to have ${length} bytes, more than ${MAX_HEADER_BYTES}: no safetensors file.`;
  });
  return Number(length);
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FoveaError('bad-file', 'safetensors: the header is not valid UTF-8.', { cause });
  }
}

function parseJson(text: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw new FoveaError('bad-file', `safetensors: the header is not JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
  check(
    text.startsWith('{') && isRecord(header),
    'bad-file',
    () => 'safetensors: the header is not an object.',
  );
  return header;
}

/**
 * The names in the header in their order, which `JSON.parse` does not keep ("10" comes before "a"). Keys that
 * occur twice in one object, of which `JSON.parse` would keep the last, are refused. `json` is known to be valid.
 */
function topLevelNames(json: string): string[] {
  const open: Set<string>[] = [];
  let names: Set<string> = new Set();
  for (const [token, text, colon] of json.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') names = open.pop()!;
    else if (colon !== undefined) {
      const key = JSON.parse(text!) as string;
      const keys = open.at(-1)!;
      check(!keys.has(key), 'bad-file', () => `safetensors: "${key}" occurs twice in the header.`);
      keys.add(key);
    }
  }
  return [...names];
}

function tensorHeader(name: string, value: unknown): TensorHeader {
  const { dtype, shape, data_offsets: offsets } = isRecord(value) ? value : {};
  check(typeof dtype === 'string', 'bad-file', () => `safetensors: "${name}" has no dtype.`);
  check(isSizes(shape), 'bad-file', () => {
    return `safetensors: "${name}" has shape ${shown(shape)}, not a list of whole numbers.`;
  });
  check(isSizes(offsets) && offsets.length === 2 && offsets[0]! <= offsets[1]!, 'bad-file', () => {
    return `safetensors: "${name}" has data_offsets ${shown(offsets)}, not [begin, end].`;
  });
  return { name, dtype, shape, begin: offsets[0]!, end: offsets[1]! };
}

/** A value as JSON, cut; what is nested too deeply to be written is not. */
function shown(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? 'undefined';
    return text.length > CHARACTERS_SHOWN ? `${text.slice(0, CHARACTERS_SHOWN)}…` : text;
  } catch {
    return 'a nested list';
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
