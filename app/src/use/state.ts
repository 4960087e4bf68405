/**
 * @file What the page Use shows.
 */

import { signal } from '@preact/signals';
import { runTask } from '../engine/client.ts';
import { type Failure, failureOf } from '../engine/failure.ts';
import type { Look } from '../explain/look.ts';
import { type ShownModel, shownModel } from '../train/shown-model.ts';
import type { UsedModelInfo } from './used-model.ts';

/** The model that was chosen, and whose it is: a file's name, or one of the training. */
export const model = signal<(UsedModelInfo & { readonly from: string | ShownModel }) | undefined>(undefined);
/** What was told of a photograph. */
export interface Told {
  readonly id: number;
  readonly name: string;
  readonly look?: Look;
  readonly failure?: Failure;
}
/** The last photographs, the newest first. */
export const told = signal<readonly Told[]>([]);
/** What is being done. */
export const busy = signal<'loading' | 'looking' | undefined>(undefined);
/** Why the model could not be had. */
export const failure = signal<Failure | undefined>(undefined);

/** Photographs that are kept on the page. */
const MOST_TOLD = 12;
let lastId = 0;

/** Takes the model of the training that is shown. */
export const useTrained = (): Promise<void> => {
  const from = shownModel.value;
  return choose(from, () => runTask('useTrained', from.which));
};

/** Takes the weights in a file. */
export const useFile = (file: File): Promise<void> => choose(file.name, () => runTask('useFile', file));

async function choose(from: string | ShownModel, work: () => Promise<UsedModelInfo>): Promise<void> {
  [busy.value, failure.value] = ['loading', undefined];
  try {
    model.value = { ...(await work()), from };
    told.value = [];
  } catch (error) {
    failure.value = failureOf(error);
  } finally {
    busy.value = undefined;
  }
}

/** Tells what photographs show, one after the other. */
export async function tell(files: readonly File[]): Promise<void> {
  busy.value = 'looking';
  for (const file of files) {
    const id = ++lastId;
    const { name } = file;
    const found: Told = await runTask('tell', file).then(
      (look) => ({ id, name, look }),
      (error: unknown) => ({ id, name, failure: failureOf(error) }),
    );
    told.value = [found, ...told.value].slice(0, MOST_TOLD);
  }
  busy.value = undefined;
}
