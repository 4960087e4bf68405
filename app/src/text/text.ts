/**
 * @file The sentences of the language that was chosen.
 */

import { computed, signal } from '@preact/signals';
import { recall, remember } from '../shell/remembered.ts';
import { en, type Sentences } from './en/index.ts';
import { zh } from './zh/index.ts';

/** The languages there are, by the names that they have for themselves. */
export const LANGUAGES = { en: 'English', zh: '中文' } as const;

/** A language's code. */
export type Language = keyof typeof LANGUAGES;

const TABLES: Readonly<Record<Language, Sentences>> = { en, zh };
const TAGS: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-Hans' };

const isLanguage = (value: string | undefined): value is Language => value !== undefined && value in TABLES;

function firstLanguage(): Language {
  const kept = recall('language');
  if (isLanguage(kept)) return kept;
  return navigator.languages.find((tag) => isLanguage(tag.slice(0, 2)))?.startsWith('zh') ? 'zh' : 'en';
}

/** The language that was chosen. */
export const language = signal<Language>(firstLanguage());

/** Its sentences: `text.value.shell.loading`. */
export const text = computed(() => TABLES[language.value]);

language.subscribe((chosen) => {
  document.documentElement.lang = TAGS[chosen];
});

/** Takes another language from now on. */
export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  remember('language', chosen);
}

/** A class's name, where the language has one for it; names that data sets brought stay as they are. */
export const classNamed = (name: string | undefined): string =>
  text.value.shell.classes[name ?? ''] ?? name ?? '';

/** Formats by language and options: making one takes longer than a hundred uses of it. */
const formats = new Map<string, Intl.NumberFormat>();

/** A number as the language writes it. */
export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  const tag = TAGS[language.value];
  const key = `${tag} ${JSON.stringify(options)}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.NumberFormat(tag, options);
    formats.set(key, format);
  }
  return format.format(value);
}

/** A moment, in milliseconds since 1970, as the language writes it. */
export function formatWhen(moment: number): string {
  return new Intl.DateTimeFormat(TAGS[language.value], { dateStyle: 'medium', timeStyle: 'short' }).format(
    moment,
  );
}
