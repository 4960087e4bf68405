import type { TuningFigures } from 'fovea';
import { formatNumber, text } from '../text/text.ts';

const digits = (value: number) => formatNumber(value, { maximumSignificantDigits: 3 });

/** What tuning gained, and the passes that it changed. */
export function Tuning({ tuning }: { readonly tuning: TuningFigures }) {
  const { tuning: words, convolutions } = text.value.laboratory;
  const { before, after, passes, total, seconds } = tuning;
  const changed = passes.filter(({ heuristic, chosen }) => heuristic !== chosen);
  return (
    <section>
      <h2>{words.title}</h2>
      <p>{words.summary(digits(before), digits(after), passes.length, total, digits(seconds))}</p>
      {changed.length === 0 ? (
        passes.length > 0 && <p>{words.unchanged}</p>
      ) : (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{words.geometry}</th>
                <th scope="col">{words.pass}</th>
                <th scope="col">{words.heuristic}</th>
                <th scope="col">{words.tuned}</th>
                <th scope="col" class="number">
                  {words.before}
                </th>
                <th scope="col" class="number">
                  {words.after}
                </th>
              </tr>
            </thead>
            <tbody>
              {changed.map((found) => (
                <tr key={`${found.geometry} ${found.pass}`}>
                  <th scope="row">{found.geometry}</th>
                  <td>{convolutions.passes[found.pass]}</td>
                  <td>{found.heuristic}</td>
                  <td>{found.chosen}</td>
                  <td class="number">{digits(found.before)}</td>
                  <td class="number">{digits(found.after)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
