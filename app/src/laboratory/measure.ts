/**
 * @file The task `laboratory`: measures how right and how fast fovea is on the adapter.
 */

import {
  type AdapterFigures,
  adapterFiguresMarkdown,
  createDevice,
  type MeasureProgress,
  measureAdapter,
} from 'fovea';
import type { Task } from '../engine/protocol.ts';

/** What is measured. */
export interface MeasureInput {
  /** What the adapter does not tell of the machine. */
  readonly machine: string;
  readonly quick: boolean;
}

/** What the task tells: where it is, or all that is known after a part. */
export type MeasureEvent = { readonly progress: MeasureProgress } | { readonly figures: AdapterFigures };

/** All that was measured, and as Markdown. */
export interface Measured {
  readonly figures: AdapterFigures;
  readonly markdown: string;
}

/** Measures on a device of its own, so that nothing of the page's is in its memory; what was measured when it is stopped is given. */
export const run: Task<MeasureInput, Measured, MeasureEvent> = async (input, { signal, report }) => {
  const device = await createDevice({ tuned: false, onWarning: () => {} }); // the certificate says it
  try {
    const figures = await measureAdapter(device, {
      ...input,
      signal,
      onProgress: (progress) => report({ progress }),
      onPart: (figures) => report({ figures }),
    });
    return { figures, markdown: adapterFiguresMarkdown(figures) };
  } finally {
    device.destroy();
  }
};
