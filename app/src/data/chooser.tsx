/**
 * @file Where files are dropped or chosen.
 */

import { placeDropped, placeFiles } from 'fovea';
import { useState } from 'preact/hooks';
import { FileButton } from '../shell/file-button.tsx';
import { text } from '../text/text.ts';
import { addFiles, busy, clear, DRAWN, draw, files } from './state.ts';

/** The place to drop files at, and the buttons for who does not drop. */
export function Chooser() {
  const [isOver, setOver] = useState(false);
  const t = text.value.data;
  const isBusy = busy.value !== undefined;
  const add = (chosen: readonly File[]) => void addFiles(placeFiles(chosen));
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
        <FileButton label={t.files} multiple disabled={isBusy} onFiles={add} />
        <FileButton label={t.folder} multiple folder disabled={isBusy} onFiles={add} />
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
