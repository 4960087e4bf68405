/** @file The photographs that were predicted the most wrongly. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { runTask } from '../engine/client.ts';
import { chosenPlace } from '../explain/state.ts';
import { formatShare } from '../text/quantities.ts';
import { classNamed, text } from '../text/text.ts';
import { type Mistake, mistakes } from './state.ts';

const SHOWN = 12;
const PICTURE_HEIGHT = 256;

/** The first few, and more on demand. */
export function Mistakes({ classes }: { readonly classes: readonly string[] }) {
  const { judge, data } = text.value;
  const [shown, setShown] = useState(SHOWN);
  const all = mistakes.value;
  return (
    <section>
      <h2>{judge.mistakes}</h2>
      <p>{all.length === 0 ? judge.noMistakes : judge.mistakesNote(all.length)}</p>
      <ul class="mistakes">
        {all.slice(0, shown).map((mistake) => (
          <li key={mistake.place}>
            <Wrong mistake={mistake} classes={classes} />
          </li>
        ))}
      </ul>
      {shown < all.length && (
        <button type="button" onClick={() => setShown(shown + SHOWN)}>
          {data.more}
        </button>
      )}
    </section>
  );
}

function Wrong({ mistake, classes }: { readonly mistake: Mistake; readonly classes: readonly string[] }) {
  const { judge } = text.value;
  const { name, place, label, predicted, probability } = mistake;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    runTask('validatedPhotograph', { place, height: PICTURE_HEIGHT }).then(
      (bitmap) => {
        if (!canvas.current) return;
        [canvas.current.width, canvas.current.height] = [bitmap.width, bitmap.height];
        canvas.current.getContext('bitmaprenderer')?.transferFromImageBitmap(bitmap);
      },
      () => {}, // its name and figures stand there all the same
    );
  }, [place]);
  return (
    <figure>
      <canvas ref={canvas} role="img" aria-label={name} width={PICTURE_HEIGHT} height={PICTURE_HEIGHT} />
      <figcaption>
        {name}
        <br />
        {judge.wrong(classNamed(classes[label]), classNamed(classes[predicted]), formatShare(probability))}
        <br />
        <button
          type="button"
          onClick={() => {
            chosenPlace.value = place;
            location.hash = 'explain';
          }}
        >
          {judge.explain}
        </button>
      </figcaption>
    </figure>
  );
}
