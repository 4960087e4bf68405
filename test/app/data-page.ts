/**
 * @file What the page Data shows.
 */

import type { Page } from 'playwright-core';

/** The cells of the rows of its table: how many photographs of each class, or what is wrong with a row. */
export const rowsOf = (page: Page) =>
  page
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map(({ textContent }) => textContent)));
