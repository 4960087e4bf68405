/**
 * @file A checkpoint as a safetensors file.
 *
 *     conv._conv.weight, …             parameters and running statistics, named as in the state dict
 *     velocity.conv._conv.weight, …    what the optimizer remembers of each parameter
 *     average.conv._conv.weight, …     averages of the parameters, where the training has any
 *     __metadata__                     format, version; model (classes, size, preprocessing), optimizer, optimizerStep, averageUpdates,
 *                                      progress (with the metrics of every epoch), settings, generator: JSON
 *
 * The order of the batches needs no state of its own: it follows from the loader's seed, the epoch and the batch.
 */

import type * as v from 'valibot';
import { BYTES, checkArgument } from '../arguments.ts';
import { counted } from '../counted.ts';
import { check, FoveaError } from '../errors.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsFile,
  type SafetensorsTensor,
} from '../io/safetensors.ts';
import { validated, wholeNumber } from '../io/validate.ts';
import type { StateDict } from '../nn/state-dict.ts';
import {
  type Checkpoint,
  checkCheckpoint,
  generatorState,
  modelConfig,
  trainingSettings,
} from './checkpoint.ts';
import { firstUnusable } from './finite.ts';
import {
  joinEntries,
  MOMENTUM_METADATA,
  metadataOf,
  optimizerMetadata,
  splitEntries,
} from './optimizer-entries.ts';
import type { TrainingProgress } from './progress.ts';
import { parseNumbers, trainingProgress } from './progress-format.ts';

/** What averages are called in the file, before the names of their weights. */
const AVERAGES = 'average';
/** What the metadata of a checkpoint begin with. */
export const FORMAT = 'fovea-checkpoint-1';

/** The bytes of a checkpoint's file. Throws 'not-finite', naming the tensor, where one is NaN or infinite. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  checkCheckpoint('encodeCheckpoint', checkpoint);
  const { config, settings, model, optimizer, progress, generator, average, version } = checkpoint;
  const entries = joinEntries(model, {
    ...optimizer.slots,
    ...(average ? { [AVERAGES]: average.averages } : {}),
  });
  const unusable = unusableIn(entries);
  check(
    unusable === undefined,
    'not-finite',
    () => `${unusable}: nothing was saved. Train with a lower learning rate.`,
  );
  const tensors = [...entries].map(([name, { shape, data }]) => {
    return [name, { dtype: 'F32', shape, data }] as [string, SafetensorsTensor];
  });
  return encodeSafetensors(tensors, {
    format: FORMAT,
    model: JSON.stringify(config),
    optimizer: JSON.stringify(metadataOf(optimizer)),
    optimizerStep: String(optimizer.step),
    progress: JSON.stringify(progress),
    ...(settings ? { settings: JSON.stringify(settings) } : {}),
    ...(average ? { averageUpdates: String(average.updates) } : {}),
    ...(generator ? { generator: JSON.stringify(generator) } : {}),
    ...(version ? { version } : {}),
  });
}

/**
 * Reads a checkpoint. Throws 'bad-file' where the bytes are no safetensors file, or one whose metadata are not ours, naming the
 * key, or where a tensor holds NaN, an infinite number or a negative variance.
 */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  checkArgument('what decodeCheckpoint is given', bytes, BYTES);
  return checkpointOf(decodeSafetensors(bytes));
}

/** The checkpoint that a safetensors file holds. Throws as {@link decodeCheckpoint} does. */
export function checkpointOf({ tensors, metadata }: SafetensorsFile): Checkpoint {
  check(metadata.format === FORMAT, 'bad-file', () => {
    return `this safetensors file has format ${metadata.format ?? '(none)'}, a checkpoint has ${FORMAT}: give one written by fovea train.`;
  });
  const config = readMetadata('model', modelConfig, metadata.model);
  const step = readMetadata('optimizerStep', wholeNumber(0), metadata.optimizerStep);
  const progress = readProgress(metadata.progress);
  const settings =
    metadata.settings === undefined
      ? undefined
      : readMetadata('settings', trainingSettings, metadata.settings);
  const generator =
    metadata.generator === undefined
      ? undefined
      : readMetadata('generator', generatorState, metadata.generator);
  const optimizer =
    metadata.optimizer === undefined
      ? MOMENTUM_METADATA
      : readMetadata('optimizer', optimizerMetadata, metadata.optimizer);
  const entries = new Map([...tensors].map(([name, tensor]) => [name, stateEntry(name, tensor)]));
  const unusable = unusableIn(entries);
  check(unusable === undefined, 'bad-file', () => `${unusable}: take an earlier checkpoint.`);
  const updates =
    metadata.averageUpdates === undefined
      ? undefined
      : readMetadata('averageUpdates', wholeNumber(0), metadata.averageUpdates);
  const kept = updates === undefined ? optimizer.slots : [...optimizer.slots, AVERAGES];
  const { model, slots: split } = splitEntries(entries, kept);
  const { [AVERAGES]: averages, ...slots } = split;
  return {
    config,
    ...(settings ? { settings } : {}),
    model,
    optimizer: { ...optimizer, step, slots },
    progress,
    ...(generator ? { generator } : {}),
    ...(metadata.version ? { version: metadata.version } : {}),
    ...(updates !== undefined && averages ? { average: { updates, averages } } : {}),
  };
}

/** Why a checkpoint's tensors are of no use; undefined for good ones. */
function unusableIn(entries: StateDict): string | undefined {
  const found = firstUnusable(entries);
  return found && `the checkpoint's ${found.name} holds ${found.value}`;
}

function stateEntry(name: string, { dtype, shape, data }: SafetensorsTensor) {
  check(dtype === 'F32', 'bad-file', () => `checkpoint: "${name}" is ${dtype}, not F32.`);
  return { shape: [...shape], data: data as Float32Array };
}

/** A part of the metadata. Throws 'bad-file', naming the key, where it is missing, no JSON, or not as `schema` says. */
function readMetadata<const S extends v.GenericSchema>(
  key: string,
  schema: S,
  json: string | undefined,
): v.InferOutput<S> {
  const what = `checkpoint, metadata "${key}"`;
  check(
    json !== undefined,
    'bad-file',
    () => `${what} is missing: give a checkpoint written by fovea train.`,
  );
  let value: unknown;
  try {
    value = parseNumbers(json);
  } catch (cause) {
    throw new FoveaError('bad-file', `${what} is not JSON: ${(cause as Error).message}.`, { cause });
  }
  return validated(schema, value, what);
}

/** Where the training stands; as many epochs were reported as are done. */
function readProgress(json: string | undefined): TrainingProgress {
  const progress = readMetadata('progress', trainingProgress, json);
  const { epoch, history } = progress;
  check(history.length === epoch, 'bad-file', () => {
    return `checkpoint, metadata "progress": "history" has ${counted(history.length, 'epoch')}, but "epoch" says ${epoch}.`;
  });
  return progress;
}
