/**
 * @file Where tuning tables, and whether an adapter was verified, are kept between runs, whichever the place.
 */

import type { TuningKey } from './tuning-key.ts';
import { encodeTuningTable, type TuningTable } from './tuning-table.ts';

/** What is kept for an adapter: its tuning table, or that it has passed `verify`. */
export type KeptKind = 'tuning' | 'verification';

/** Keeps one text of each kind per adapter; of a tuning table where nothing is said. */
export interface TuningStore {
  /** What was kept for the adapter, undefined if nothing was or it cannot be read. */
  load(adapter: string, kind?: KeptKind): Promise<string | undefined>;
  /** Keeps `text` whole or not at all. Throws 'bad-file' where it cannot. */
  save(adapter: string, text: string, kind?: KeptKind): Promise<void>;
}

/** The table kept for an adapter; undefined where it is missing, damaged, stale or another adapter's. */
export async function loadTuningTable(store: TuningStore, key: TuningKey): Promise<TuningTable | undefined> {
  const text = await store.load(key.adapter);
  if (text === undefined) return undefined;
  const { decodeTuningTable } = await import('./tuning-table.ts'); // on demand, since most pages have none
  return decodeTuningTable(text, key);
}

/** Keeps `table`. */
export function saveTuningTable(store: TuningStore, table: TuningTable, key: TuningKey): Promise<void> {
  return store.save(key.adapter, encodeTuningTable(table, key));
}
