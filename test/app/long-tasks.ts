/**
 * @file How long the page's own thread is busy at a time: in time of the processor, so that what else runs on the machine does not count.
 */

import type { Browser, Page } from 'playwright-core';

/** What a task may take before a page is felt to stand still: the bound of the browsers' own "long tasks". */
const LONG = 50;

/** What is read of Chromium's trace. */
interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds that the thread computed. */
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** How long each task took, in milliseconds, that had the thread of a page compute for more than 50 ms while `work` ran. */
export async function longTasksDuring(
  browser: Browser,
  page: Page,
  work: () => Promise<unknown>,
): Promise<number[]> {
  await browser.startTracing(page, { categories: ['-*', 'toplevel', '__metadata'] });
  await work();
  const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as {
    traceEvents: readonly TraceEvent[];
  };
  const nameThread = traceEvents.filter(({ name }) => name === 'thread_name');
  const pages = nameThread.filter(({ args }) => args.name === 'CrRendererMain');
  const isOfPage = ({ pid, tid }: TraceEvent) =>
    pages.some((thread) => thread.pid === pid && thread.tid === tid);
  const tasks = traceEvents.filter((event) => event.tdur !== undefined && isOfPage(event));
  if (tasks.length === 0)
    throw new Error('The trace has no task of a page: does Chromium name them otherwise?');
  return tasks.map(({ tdur }) => tdur! / 1000).filter((duration) => duration > LONG);
}
