import type { TuningFigures } from 'fovea';
import { numbers, Table } from '../shell/table.tsx';
import { formatFigure } from '../text/quantities.ts';
import { text } from '../text/text.ts';

/** What tuning gained, and the passes that it changed. */
export function Tuning({ tuning }: { readonly tuning: TuningFigures }) {
  const { tuning: words, convolutions } = text.value.laboratory;
  const { before, after, passes, total, seconds } = tuning;
  const changed = passes.filter(({ heuristic, chosen }) => heuristic !== chosen);
  return (
    <section>
      <h2>{words.title}</h2>
      <p>
        {words.summary(
          formatFigure(before),
          formatFigure(after),
          passes.length,
          total,
          formatFigure(seconds),
        )}
      </p>
      {changed.length === 0 ? (
        passes.length > 0 && <p>{words.unchanged}</p>
      ) : (
        <Table
          headings={[
            words.geometry,
            words.pass,
            words.heuristic,
            words.tuned,
            ...numbers(words.before, words.after),
          ]}
        >
          {changed.map((found) => (
            <tr key={`${found.geometry} ${found.pass}`}>
              <th scope="row">{found.geometry}</th>
              <td>{convolutions.passes[found.pass]}</td>
              <td>{found.heuristic}</td>
              <td>{found.chosen}</td>
              <td class="number">{formatFigure(found.before)}</td>
              <td class="number">{formatFigure(found.after)}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}
