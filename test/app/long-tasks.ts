/**
 * @file How long the page's own thread is busy at a time.
 */

import type { Page } from 'playwright-core';

interface Observed {
  longTasks: number[];
}

/** Notes tasks of more than 50 ms from now on. */
export async function observeLongTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const observed = window as object as Observed;
    observed.longTasks = [];
    new PerformanceObserver((list) => {
      observed.longTasks.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: 'longtask' });
  });
}

/** How long those were, in milliseconds. */
export function longTasks(page: Page): Promise<number[]> {
  return page.evaluate(() => (window as object as Observed).longTasks);
}
