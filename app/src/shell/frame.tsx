/**
 * @file The frame around all pages: the tabs above, the switches of language and colours below.
 */

import { type Signal, signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { chooseLanguage, LANGUAGES, type Language, language, text } from '../text/text.ts';
import { device } from './device.ts';
import { NoWebGpu } from './no-webgpu.tsx';
import { openPage, PAGE_NAMES, PAGES, type PageName } from './pages.ts';
import { Problem } from './problem.tsx';
import { chooseTheme, THEMES, theme } from './theme.ts';

/** All there is to see. */
export function Frame() {
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('page')?.focus()}>
        {text.value.shell.skip}
      </button>
      <header class="bar">
        <strong class="brand">fovea</strong>
        <Tabs />
      </header>
      <main id="page" tabIndex={-1}>
        <Content />
      </main>
      <footer class="bar">
        <p>
          {text.value.shell.privacy} <Adapter />
        </p>
        <Switches />
      </footer>
    </>
  );
}

function Tabs() {
  const { tabs, pages } = text.value.shell;
  return (
    <nav aria-label={pages}>
      {PAGE_NAMES.map((name) => (
        <a key={name} href={`#${name}`} aria-current={name === openPage.value ? 'page' : undefined}>
          {tabs[name]}
        </a>
      ))}
    </nav>
  );
}

function Content() {
  const found = device.value;
  if (!navigator.gpu) return <NoWebGpu />;
  if (found && 'failure' in found)
    return found.failure.kind === 'no-adapter' ? (
      <NoWebGpu reason={found.failure.detail} />
    ) : (
      <Problem failure={found.failure} />
    );
  return <OpenPage name={openPage.value} />;
}

/** What is computed on. */
function Adapter() {
  const found = device.value;
  if (!found || 'failure' in found) return null;
  const { name, software } = found.info;
  const { computesOn, software: withoutGpu } = text.value.shell;
  return <span>{`${computesOn(name)}${software ? ` ${withoutGpu}` : ''}`}</span>;
}

let hasOpened = false;

/** Who came to a page by a link that went with the page before goes on at the new one's beginning. */
function focusIfLost(): void {
  if (hasOpened && document.activeElement === document.body) document.getElementById('page')?.focus();
  hasOpened = true;
}

/** The pages that were loaded. */
const loaded: Signal<Partial<Record<PageName, ComponentType>>> = signal({});

function OpenPage({ name }: { readonly name: PageName }) {
  useEffect(() => {
    document.title = `${text.value.shell.tabs[name]} · fovea`;
    if (loaded.value[name]) return;
    void PAGES[name]().then(({ Page }) => {
      loaded.value = { ...loaded.value, [name]: Page };
    });
  }, [name, language.value]);
  const Page = loaded.value[name];
  const isThere = Page !== undefined;
  useEffect(() => {
    if (isThere) focusIfLost();
  }, [name, isThere]);
  return Page ? <Page /> : <p role="status">{text.value.shell.loading}</p>;
}

function Switches() {
  const { language: languageLabel, theme: themeLabel, themes } = text.value.shell;
  return (
    <div class="switches">
      <label>
        {languageLabel}
        <select
          value={language.value}
          onChange={({ currentTarget }) => chooseLanguage(currentTarget.value as Language)}
        >
          {Object.entries(LANGUAGES).map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        {themeLabel}
        <select
          value={theme.value}
          onChange={({ currentTarget }) => chooseTheme(currentTarget.value as (typeof THEMES)[number])}
        >
          {THEMES.map((name) => (
            <option key={name} value={name}>
              {themes[name]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}
