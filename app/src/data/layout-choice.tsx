/**
 * @file How the classes of photographs are found, for where that is not found out rightly.
 */

import { text } from '../text/text.ts';
import { isTable, LAYOUTS } from './data-set.ts';
import { busy, files, options, readAgain, summary } from './state.ts';

/** The choice; nothing before there are files. */
export function LayoutChoice() {
  if (files.value.length === 0) return null;
  const t = text.value.data;
  const { layout, nameColumn, classColumn } = options.value;
  // Where nothing could be read, it may be for the names of the columns.
  const given = layout ?? summary.value?.layout ?? (files.value.some(isTable) ? 'table' : undefined);
  const read = (event: Event & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const chosen = LAYOUTS.find((name) => name === form.get('layout'));
    const column = (name: string) => String(form.get(name) ?? '').trim() || undefined;
    void readAgain(chosen, { nameColumn: column('names'), classColumn: column('classes') });
  };
  return (
    <form class="settings" onSubmit={read}>
      <label>
        {t.layout}
        <select
          name="layout"
          value={layout ?? 'auto'}
          disabled={busy.value !== undefined}
          onChange={({ currentTarget }) => currentTarget.form?.requestSubmit()}
        >
          <option value="auto">{t.layouts.auto}</option>
          {LAYOUTS.map((name) => (
            <option key={name} value={name}>
              {t.layouts[name]}
            </option>
          ))}
        </select>
      </label>
      {given === 'table' ? (
        <>
          <label>
            {t.nameColumn}
            <input type="text" name="names" value={nameColumn ?? ''} placeholder="file" />
          </label>
          <label>
            {t.classColumn}
            <input type="text" name="classes" value={classColumn ?? ''} placeholder="class" />
          </label>
          <button type="submit" disabled={busy.value !== undefined}>
            {t.reread}
          </button>
        </>
      ) : null}
    </form>
  );
}
