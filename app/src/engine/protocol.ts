/**
 * @file What the page and the engine, its Web Worker, say to each other: a task is asked for, tells events, and ends with a
 * result or a failure.
 */

import type { Engine } from './engine.ts';
import type { Failure } from './failure.ts';

/** What a task is given beside its input. */
export interface Job<Event = never> {
  /** What outlives the task: the device, the data, the trained model. */
  readonly engine: Engine;
  /** Aborted when the page no longer wants the result, or wants it to stop. */
  readonly signal: AbortSignal;
  /** Tells the page something while the task runs. */
  report(event: Event, transfer?: Transferable[]): void;
}

/** Work that the engine does for the page. What it takes, tells and gives is cloned, so it is plain data, files or bitmaps. */
export type Task<Input, Result, Event = never> = (input: Input, job: Job<Event>) => Promise<Result>;

/** From the page to the engine. */
export type Request =
  | { readonly kind: 'run'; readonly id: number; readonly task: string; readonly input: unknown }
  | { readonly kind: 'abort'; readonly id: number };

/** From the engine to the page. */
export type Reply =
  | { readonly kind: 'event'; readonly id: number; readonly event: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: Failure };
