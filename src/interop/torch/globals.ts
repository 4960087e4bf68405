/**
 * @file What pickles of PyTorch's tensors name, and what that makes here.
 */

import { counted } from '../../counted.ts';
import { check } from '../../errors.ts';
import {
  bytesPerElement,
  decodeElements,
  type ElementArray,
  type HostTensor,
  type StoredType,
  widened,
} from '../../io/element-types.ts';
import type { PickleGlobal, PickleGlobals } from '../../io/pickle/machine.ts';
import { isShape } from '../../io/pickle/numpy.ts';
import { Allowance, ORDERED_DICT } from '../../io/pickle/python.ts';
import { elementCount, gatherStrided } from '../../io/strided.ts';

/** The types of storages, which are names in `torch`. */
export const STORAGE_TYPES: Readonly<Record<string, StoredType>> = {
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  DoubleStorage: 'F64',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

/** How many times as large as its file all that a file makes may be: half precision widens, and tensors share storages. */
const MOST_GROWTH = 8;
/** So that files of a few tensors have room. */
const LEAST_ROOM = 2 ** 20;

/** The type of a storage, `torch.FloatStorage` for instance; it may be named but not called. */
export class StorageType {
  readonly call = undefined;

  constructor(readonly stored: StoredType) {}
}

/** The elements that tensors share. */
class TorchStorage {
  constructor(
    readonly type: StoredType,
    readonly elements: ElementArray,
  ) {}
}

/** A tensor that was put together. */
export class TorchTensor {
  constructor(readonly tensor: HostTensor) {}
}

/** The storages of a file, each decoded once, and how much may still be made of them. */
export class TorchStorages {
  readonly #entry: (key: string) => Uint8Array | undefined;
  readonly #bigEndian: boolean;
  readonly #decoded = new Map<string, TorchStorage>();
  /** For what is made of the file. */
  readonly allowance: Allowance;

  /** @param entry the bytes of the entry of a storage */
  constructor(entry: (key: string) => Uint8Array | undefined, bigEndian: boolean, fileBytes: number) {
    this.#entry = entry;
    this.#bigEndian = bigEndian;
    this.allowance = new Allowance(MOST_GROWTH * fileBytes + LEAST_ROOM);
  }

  /** The storage `key`, of `count` elements. */
  find({ stored }: StorageType, key: string, count: number): TorchStorage {
    const known = this.#decoded.get(key);
    check(known === undefined || known.type === stored, 'bad-file', () => `storage ${key} has two types`);
    if (known) return known;
    const bytes = this.#entry(key);
    check(
      bytes !== undefined,
      'bad-file',
      () => `the archive has no storage ${JSON.stringify(key.slice(0, 40))}`,
    );
    const expected = count * bytesPerElement(stored);
    check(bytes.length === expected, 'bad-file', () => {
      return `storage ${key} of ${counted(count, 'element')} of type ${stored} takes ${counted(expected, 'byte')}, but has ${bytes.length}`;
    });
    this.allowance.take(2 * expected);
    const storage = new TorchStorage(stored, decodeElements(stored, bytes, this.#bigEndian));
    this.#decoded.set(key, storage);
    return storage;
  }
}

/** The globals of a pickle whose tensors lie in `storages`. */
export function torchGlobals(storages: TorchStorages): PickleGlobals {
  const types = Object.entries(STORAGE_TYPES).map(([name, stored]) => [
    `torch ${name}`,
    new StorageType(stored),
  ]);
  return {
    'torch._utils _rebuild_tensor_v2': { call: (args) => rebuildTensor(storages, args) },
    'torch._utils _rebuild_parameter': { call: ([tensor]) => tensor },
    'collections OrderedDict': ORDERED_DICT,
    'torch Size': SIZE,
    ...Object.fromEntries(types),
  };
}

/** `_rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks)`. */
function rebuildTensor(storages: TorchStorages, args: readonly unknown[]): TorchTensor {
  const [storage, offset, shape, strides] = args;
  check(storage instanceof TorchStorage, 'bad-file', () => 'a tensor has no storage');
  check(
    isShape([offset]) && isShape(shape) && isShape(strides) && shape.length === strides.length,
    'bad-file',
    () => {
      return 'the offset, shape and strides of a tensor are not whole numbers of at least 0';
    },
  );
  storages.allowance.take(elementCount(shape) * storage.elements.BYTES_PER_ELEMENT);
  const layout = { shape, strides, offset: offset as number };
  const data = gatherStrided('a tensor', storage.elements, layout);
  return new TorchTensor({ dtype: widened(storage.type), shape, data } as HostTensor);
}

/** A shape, which is a tuple. */
const SIZE: PickleGlobal = {
  call([values]) {
    check(isShape(values), 'bad-file', () => 'a torch.Size is made of something else than whole numbers');
    return values;
  },
};
