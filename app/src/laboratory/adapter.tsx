import type { AdapterFigures } from 'fovea';
import { Table } from '../shell/table.tsx';
import { text } from '../text/text.ts';

/** The adapter's card, and what fovea chose by it. */
export function Adapter({ figures: { adapter, choices } }: { readonly figures: AdapterFigures }) {
  const { laboratory, shell } = text.value;
  const words = laboratory.adapter;
  const { vendor, architecture, software, features, subgroupSizes, readableTextures, limits } = adapter;
  const [least, most] = subgroupSizes;
  const facts = [
    [words.vendor, [vendor, architecture].map((name) => name || words.notTold).join(', ')],
    [words.computesOn, software ? words.cpu : words.gpu],
    [words.features, features.join(', ') || words.none],
    [words.subgroups, most === 0 ? words.none : words.lanes(least, most)],
    [words.textures, readableTextures ? shell.yes : shell.no],
  ];
  return (
    <section>
      <h2>
        {words.title}: {adapter.name}
      </h2>
      <Facts rows={facts} />
      <details>
        <summary>{words.limits}</summary>
        <Facts rows={Object.entries(limits).map(([limit, value]) => [limit, value.toLocaleString('en')])} />
      </details>
      <h3>{words.choices}</h3>
      <Table headings={[words.what, words.chosen, words.why]}>
        {choices.map(({ what, chosen, why }) => (
          <tr key={what}>
            <th scope="row">{what}</th>
            <td>{chosen}</td>
            <td>{why}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

function Facts({ rows }: { readonly rows: readonly (readonly string[])[] }) {
  return (
    <div class="scroll">
      <table>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
