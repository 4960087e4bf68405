/**
 * @file What the laboratory has found, kept while other pages are open.
 */

import { signal } from '@preact/signals';
import type { AdapterFigures, MeasureProgress } from 'fovea';
import { runTask } from '../engine/client.ts';
import { type Failure, failureOf } from '../engine/failure.ts';

/** What is known; undefined before anything was measured. */
export const figures = signal<AdapterFigures | undefined>(undefined);
/** The same as Markdown, once all was measured. */
export const markdown = signal('');
/** Where measuring is; undefined while nothing is measured. */
export const progress = signal<MeasureProgress | undefined>(undefined);
/** Why measuring failed. */
export const failure = signal<Failure | undefined>(undefined);
/** Whether something is being measured. */
export const isMeasuring = signal(false);

let controller = new AbortController();

/** Measures all, or a little. */
export async function measure(machine: string, quick: boolean): Promise<void> {
  controller = new AbortController();
  [figures.value, failure.value, isMeasuring.value, markdown.value] = [undefined, undefined, true, ''];
  try {
    const measured = await runTask(
      'laboratory',
      { machine, quick },
      {
        signal: controller.signal,
        onEvent: (event) => {
          if ('progress' in event) progress.value = event.progress;
          else figures.value = event.figures;
        },
      },
    );
    [figures.value, markdown.value] = [measured.figures, measured.markdown];
  } catch (error) {
    failure.value = failureOf(error);
  } finally {
    [progress.value, isMeasuring.value] = [undefined, false];
  }
}

/** Ends with what was measured by now. */
export function stop(): void {
  controller.abort();
}
