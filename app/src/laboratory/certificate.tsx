import type { Certificate as Findings } from 'fovea';
import { numbers, Table } from '../shell/table.tsx';
import { text } from '../text/text.ts';

/** What `verify` found: the verdict, and on demand each finding. */
export function Certificate({ certificate }: { readonly certificate: Findings }) {
  const words = text.value.laboratory.certificate;
  const { passed, struck, algorithms, ops, training } = certificate;
  const findings = [
    ...algorithms.map(({ algorithm, pass, ...found }) => ({ name: `${algorithm}, ${pass}`, ...found })),
    ...ops.map(({ op, ...found }) => ({ name: op, ...found })),
    { name: 'training', ...training },
  ];
  const wrong = findings.filter((found) => !found.passed);
  return (
    <section>
      <h2>{words.title}</h2>
      <p class={passed ? 'good' : 'bad'}>
        {passed ? words.passed(findings.length - wrong.length) : words.failed(wrong.length)}
      </p>
      {struck.length > 0 && <p class="problem">{words.struck(struck.join(', '))}</p>}
      <details open={wrong.length > 0}>
        <summary>{words.all}</summary>
        <Table headings={[words.name, words.verdict, ...numbers(words.error, words.bound), words.worst]}>
          {findings.map((found) => (
            <tr key={found.name}>
              <th scope="row">{found.name}</th>
              <td class={found.passed ? 'good' : 'bad'}>{found.passed ? words.right : words.wrong}</td>
              <td class="number">{found.error.toExponential(1)}</td>
              <td class="number">{found.bound.toExponential(1)}</td>
              <td>{found.about}</td>
            </tr>
          ))}
        </Table>
      </details>
    </section>
  );
}
