/**
 * @file PyTorch's own files, `.pth` or `.pt`: a zip archive with a pickle of the state dict and an entry for each storage.
 *
 * Source: `torch/serialization.py` and `torch/_utils.py` of PyTorch 2.13.
 */

import { BYTES, checkArgument } from '../../arguments.ts';
import { check } from '../../errors.ts';
import type { ElementType, HostTensor } from '../../io/element-types.ts';
import { NamedGlobal } from '../../io/pickle/machine.ts';
import * as op from '../../io/pickle/opcodes.ts';
import { readPickle } from '../../io/pickle/read-pickle.ts';
import { PickleWriter } from '../../io/pickle/write-pickle.ts';
import type { SafetensorsFile, SafetensorsInput } from '../../io/safetensors.ts';
import { denseStrides } from '../../io/strided.ts';
import { checkTensorList, TEXTS } from '../../io/tensor-list.ts';
import { sourceOfBytes } from '../../io/zip/byte-source.ts';
import { openZip } from '../../io/zip/open-zip.ts';
import { STORAGE_TYPES, StorageType, TorchStorages, TorchTensor, torchGlobals } from './globals.ts';
import { writeStoredZip } from './stored-zip.ts';

/** Entries of an archive, in its one folder. */
const PICKLE = 'data.pkl';
const BYTE_ORDER = 'byteorder';
const VERSION = 'version';
/** Ours: free texts by key. PyTorch passes it over. */
const METADATA = 'fovea.json';
const FOLDER = 'archive';

/** Where training programs keep the weights in a larger dict. */
const USUAL_KEYS = ['state_dict', 'model_state_dict', 'model', 'net', 'weights'];

/** What PyTorch wrote before version 1.6 begins with: a pickled number. */
const LEGACY = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/**
 * Reads the tensors of a state dict that `torch.save` wrote, also where it lies under `state_dict` or `model` in a larger dict.
 * Nothing in the file is run: a pickle that names anything but what tensors need is refused. Half-precision numbers become f32.
 *
 * Throws 'bad-file' for whatever else it holds, and for the format from before PyTorch 1.6.
 */
export async function decodeTorch(bytes: Uint8Array): Promise<SafetensorsFile> {
  checkArgument('what decodeTorch is given', bytes, BYTES);
  check(!LEGACY.every((byte, i) => bytes[i] === byte), 'bad-file', () => {
    return 'PyTorch: the file is of the format from before version 1.6: torch.load() it and torch.save() it again.';
  });
  const entries = await readEntries(bytes);
  const pickle = [...entries.keys()].find((name) => name.endsWith(`/${PICKLE}`));
  check(
    pickle !== undefined,
    'bad-file',
    () => `PyTorch: the archive has no ${PICKLE}: did torch.save() write it?`,
  );
  const folder = pickle.slice(0, -PICKLE.length);
  const order = textOf(entries.get(`${folder}${BYTE_ORDER}`)) ?? 'little';
  check(
    order === 'little' || order === 'big',
    'bad-file',
    () => `PyTorch: the byte order is ${JSON.stringify(order.slice(0, 20))}.`,
  );
  const storages = new TorchStorages(
    (key) => entries.get(`${folder}data/${key}`),
    order === 'big',
    bytes.length,
  );
  const value = readPickle(entries.get(pickle)!, {
    globals: torchGlobals(storages),
    persistent: (id) => storages.find(...persistentId(id)),
  });
  return { tensors: stateDictOf(value), metadata: readMetadata(entries.get(`${folder}${METADATA}`)) };
}

/** The entries of an archive, each with its checksum compared. */
async function readEntries(bytes: Uint8Array): Promise<Map<string, Uint8Array>> {
  const archive = await openZip(sourceOfBytes(bytes), 'the archive');
  const entries = new Map<string, Uint8Array>();
  let left = bytes.length;
  for (const entry of archive.entries) {
    left -= entry.size;
    check(left >= 0 && entry.size === entry.compressedSize, 'bad-file', () => {
      return `PyTorch: ${entry.name} takes ${entry.compressedSize} bytes of the archive and is said to have ${entry.size}: torch.save() stores entries as they are.`;
    });
    entries.set(entry.name, await archive.read(entry, entry.size));
  }
  return entries;
}

/** `('storage', type, key, location, number of elements)`. */
function persistentId(id: unknown): [type: StorageType, key: string, count: number] {
  const [kind, type, key, , count]: unknown[] = Array.isArray(id) ? id : [];
  check(
    kind === 'storage' && type instanceof NamedGlobal && typeof key === 'string' && typeof count === 'number',
    'bad-file',
    () => 'it refers to something that is no storage of a tensor',
  );
  const { definition } = type;
  check(definition instanceof StorageType, 'bad-file', () => `${type.name} is no storage of a tensor`);
  return [definition, key, count];
}

function stateDictOf(value: unknown): Map<string, HostTensor> {
  check(value instanceof Map, 'bad-file', () => {
    return 'PyTorch: the file holds no dict: save it by torch.save(model.state_dict(), path).';
  });
  const hasTensors = (candidate: unknown) =>
    candidate instanceof Map && [...candidate.values()].some((entry) => entry instanceof TorchTensor);
  const state: unknown = hasTensors(value) ? value : USUAL_KEYS.map((key) => value.get(key)).find(hasTensors);
  check(state instanceof Map, 'bad-file', () => {
    const keys = [...value.keys()].slice(0, 8).join(', ');
    return `PyTorch: no tensors lie in the dict or under its ${USUAL_KEYS.join(', ')}, but ${keys || 'nothing'}: save model.state_dict().`;
  });
  const tensors = new Map<string, HostTensor>();
  for (const [name, tensor] of state as Map<unknown, unknown>) {
    check(typeof name === 'string' && tensor instanceof TorchTensor, 'bad-file', () => {
      return `PyTorch: ${JSON.stringify(name)} of the state dict is no tensor: save model.state_dict().`;
    });
    tensors.set(name, tensor.tensor);
  }
  return tensors;
}

function readMetadata(bytes: Uint8Array | undefined): Record<string, string> {
  const text = textOf(bytes);
  if (text === undefined) return {};
  let metadata: unknown;
  try {
    metadata = JSON.parse(text);
  } catch {
    metadata = undefined;
  }
  check(
    TEXTS.holds(metadata),
    'bad-file',
    () => `PyTorch: ${METADATA} of the archive is no object of texts.`,
  );
  return metadata as Record<string, string>;
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && new TextDecoder().decode(bytes);
}

/**
 * The bytes of a file that `torch.load(path, weights_only=True)` reads as a dict of tensors. The same tensors and metadata give the
 * same bytes. Throws 'invalid-argument' for a name that occurs twice, 'dtype-mismatch' where an array is not of the element type,
 * 'shape-mismatch' where it is not as long as the shape says, 'unsupported' for element types that PyTorch's files have not.
 */
export function encodeTorch(
  tensors: Iterable<readonly [string, SafetensorsInput]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const given = checkTensorList('encodeTorch', tensors);
  checkArgument('the metadata of encodeTorch', metadata, TEXTS);
  const text = (content: string) => new TextEncoder().encode(content);
  const storages = given.map(([, { data }], i) => {
    return [`${FOLDER}/data/${i}`, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)] as const;
  });
  return writeStoredZip([
    [`${FOLDER}/${PICKLE}`, pickleOf(given)],
    [`${FOLDER}/${BYTE_ORDER}`, text('little')],
    ...storages,
    [`${FOLDER}/${VERSION}`, text('3\n')],
    ...(Object.keys(metadata).length > 0
      ? [[`${FOLDER}/${METADATA}`, text(JSON.stringify(metadata))] as const]
      : []),
  ]);
}

/** A dict of `_rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks)`. */
function pickleOf(tensors: readonly (readonly [string, HostTensor])[]): Uint8Array {
  const writer = new PickleWriter();
  const numbered = tensors.map(([name, tensor], index) => [name, { ...tensor, index }] as const);
  writer.dict(numbered, ({ dtype, shape, data, index }) => {
    writer.global('torch._utils', '_rebuild_tensor_v2');
    writer.tuple(() => {
      writer.tuple(() => {
        writer.text('storage');
        writer.global('torch', storageName(dtype));
        writer.text(String(index));
        writer.text('cpu');
        writer.number(data.length);
      });
      writer.operation(op.BINPERSID);
      writer.number(0);
      writer.numbers(shape);
      writer.numbers(denseStrides(shape));
      writer.operation(op.NEWFALSE);
      writer.global('collections', 'OrderedDict');
      writer.operation(op.EMPTY_TUPLE, op.REDUCE);
    });
    writer.operation(op.REDUCE);
  });
  return writer.finish();
}

function storageName(type: ElementType): string {
  const name = Object.keys(STORAGE_TYPES).find((known) => STORAGE_TYPES[known] === type);
  check(name !== undefined, 'unsupported', () => `PyTorch's files hold no elements of type ${type}`);
  return name;
}
