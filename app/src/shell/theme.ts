/**
 * @file Light or dark: as the system has it, or as was chosen.
 */

import { signal } from '@preact/signals';
import { recall, remember } from './remembered.ts';

/** What may be chosen. */
export const THEMES = ['auto', 'light', 'dark'] as const;

/** A choice of colours. */
export type Theme = (typeof THEMES)[number];

const kept = THEMES.find((theme) => theme === recall('theme'));

/** What was chosen. */
export const theme = signal<Theme>(kept ?? 'auto');

theme.subscribe((chosen) => {
  document.documentElement.dataset.theme = chosen;
});

/** Takes other colours from now on. */
export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  remember('theme', chosen);
}
