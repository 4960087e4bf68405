/**
 * @file The pages, in the order of their tabs: a line for each. A page is loaded when it is first opened.
 */

import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';

/** A page's module. */
interface PageModule {
  readonly Page: ComponentType;
}

/** How each page is loaded; its name stands in the address, `#train`. */
export const PAGES = {
  data: () => import('../data/page.tsx'),
  train: () => import('../train/page.tsx'),
  judge: () => import('../judge/page.tsx'),
  explain: () => import('../explain/page.tsx'),
  use: () => import('../use/page.tsx'),
  takeAway: () => import('../take-away/page.tsx'),
  laboratory: () => import('../laboratory/page.tsx'),
} satisfies Record<string, () => Promise<PageModule>>;

/** A page's name. */
export type PageName = keyof typeof PAGES;

/** All names, in order. */
export const PAGE_NAMES = Object.keys(PAGES) as PageName[];

function addressed(): PageName {
  return PAGE_NAMES.find((name) => name === location.hash.slice(1)) ?? 'data';
}

/** The page that is open. */
export const openPage = signal<PageName>(addressed());

addEventListener('hashchange', () => {
  openPage.value = addressed();
});
