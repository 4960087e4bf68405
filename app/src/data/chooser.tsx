/**
 * @file Where files are dropped or chosen.
 */

import { placeDropped, placeFiles } from 'fovea';
import { useRef, useState } from 'preact/hooks';
import { text } from '../text/text.ts';
import { addFiles, busy, clear, DRAWN, draw, files } from './state.ts';

/** The place to drop files at, and the buttons for who does not drop. */
export function Chooser() {
  const [isOver, setOver] = useState(false);
  const t = text.value.data;
  const isBusy = busy.value !== undefined;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer && !isBusy) void addFiles(placeDropped(event.dataTransfer.items));
  };
  return (
    <section
      class={isOver ? 'chooser over' : 'chooser'}
      aria-label={t.drop}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <p>{t.drop}</p>
      <div class="actions">
        <FileButton label={t.files} />
        <FileButton label={t.folder} folder />
        {files.value.length > 0 ? (
          <button type="button" disabled={isBusy} onClick={clear}>
            {t.clear}
          </button>
        ) : null}
      </div>
      {files.value.length === 0 ? (
        <>
          <p class="quiet">{t.drawHint}</p>
          <button type="button" disabled={isBusy} onClick={() => void draw()}>
            {t.draw(DRAWN.training + DRAWN.validation)}
          </button>
        </>
      ) : null}
    </section>
  );
}

/** A button that opens the system's dialog for files, or for a folder. */
function FileButton({ label, folder = false }: { readonly label: string; readonly folder?: boolean }) {
  const field = useRef<HTMLInputElement>(null);
  const choose = ({ currentTarget }: { readonly currentTarget: HTMLInputElement }) => {
    const chosen = placeFiles(currentTarget.files ?? []);
    currentTarget.value = '';
    void addFiles(chosen);
  };
  return (
    <>
      <button type="button" disabled={busy.value !== undefined} onClick={() => field.current?.click()}>
        {label}
      </button>
      <input
        ref={field}
        type="file"
        hidden
        multiple
        aria-label={label}
        data-folder={folder}
        {...(folder ? { webkitdirectory: true } : {})}
        onChange={choose}
      />
    </>
  );
}
