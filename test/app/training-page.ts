/**
 * @file What the page Train shows, and is told.
 */

import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** The value of one of the figures of a training, by its name. */
export const figure = (page: Page, name: string) =>
  page.locator('.figures div', { hasText: name }).locator('dd');

/** How many steps are done, by the figures. */
export async function stepsDone(page: Page): Promise<number> {
  return Number.parseInt((await figure(page, 'Step').first().textContent()) ?? '', 10);
}

/** How many steps the loss curve has; the first one is where it begins. */
export async function pointsOfLoss(page: Page): Promise<number> {
  const path = await page.locator('.chart .first path').first().getAttribute('d');
  return path?.match(/[ML]/g)?.length ?? 0;
}

/** Waits until so many steps are done and saved. */
export async function untilSaved(page: Page, step: number): Promise<void> {
  const saved = page.locator('.figures dd').last();
  await expect
    .poll(async () => Number(await saved.textContent()), { timeout: 240_000 })
    .toBeGreaterThanOrEqual(step);
}
