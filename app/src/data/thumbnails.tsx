/**
 * @file The photographs, small, by class.
 */

import { useSignal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { runTask } from '../engine/client.ts';
import { classNamed, text } from '../text/text.ts';
import type { DataSummary, Photograph, SetName } from './data-set.ts';

/** How many of a class are shown at first, and at each wish for more. */
const SHOWN = 12;
/** Pixels on the screen, and of the picture: sharp on fine screens too. */
const HEIGHT = 96;
const PICTURE_HEIGHT = 2 * HEIGHT;

/** A grid for each class of one of the sets. */
export function Thumbnails({ found }: { readonly found: DataSummary }) {
  const t = text.value.data;
  const set = useSignal<SetName>('training');
  return (
    <section>
      <p>
        <label>
          {t.set}{' '}
          <select
            value={set.value}
            onChange={({ currentTarget }) => {
              set.value = currentTarget.value === 'validation' ? 'validation' : 'training';
            }}
          >
            <option value="training">{t.sets.training}</option>
            <option value="validation">{t.sets.validation}</option>
          </select>
        </label>
      </p>
      {found.classes.map((name, label) => (
        <ClassGrid
          key={`${set.value} ${name}`}
          name={name}
          photographs={found.photographs.filter((each) => each.set === set.value && each.label === label)}
        />
      ))}
    </section>
  );
}

function ClassGrid(props: { readonly name: string; readonly photographs: readonly Photograph[] }) {
  const { name, photographs } = props;
  const [shown, setShown] = useState(SHOWN);
  return (
    <>
      <h2>
        {classNamed(name)} <span class="quiet">({photographs.length})</span>
      </h2>
      <ul class="thumbnails">
        {photographs.slice(0, shown).map((photograph) => (
          <li key={`${photograph.set} ${photograph.index} ${photograph.name}`}>
            <Thumbnail photograph={photograph} />
          </li>
        ))}
      </ul>
      {shown < photographs.length ? (
        <button type="button" onClick={() => setShown(shown + SHOWN)}>
          {text.value.data.more}
        </button>
      ) : null}
    </>
  );
}

function Thumbnail({ photograph: { set, index, name } }: { readonly photograph: Photograph }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    runTask('thumbnail', { set, index, height: PICTURE_HEIGHT }).then(
      (bitmap) => {
        if (!canvas.current) return;
        canvas.current.width = bitmap.width;
        canvas.current.height = bitmap.height;
        canvas.current.getContext('bitmaprenderer')?.transferFromImageBitmap(bitmap);
      },
      () => setFailed(true),
    );
  }, [set, index]);
  return (
    <figure>
      {failed ? (
        <p class="unreadable">{text.value.data.unreadable}</p>
      ) : (
        <canvas ref={canvas} role="img" aria-label={name} height={HEIGHT} />
      )}
      <figcaption>{name}</figcaption>
    </figure>
  );
}
