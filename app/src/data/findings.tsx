/**
 * @file What was found in the files: how many photographs of each class, and what is odd.
 */

import { Detail } from '../shell/problem.tsx';
import { numbers, Table } from '../shell/table.tsx';
import { classNamed, formatNumber, text } from '../text/text.ts';
import type { DataSummary, SetName } from './data-set.ts';

/** How many of a list are shown. */
const SHOWN = 100;
const SETS: readonly SetName[] = ['training', 'validation'];

/** All that is worth knowing before a training. */
export function Findings({ found }: { readonly found: DataSummary }) {
  const t = text.value.data;
  return (
    <>
      {found.problems.length > 0 ? <Problems found={found} /> : null}
      {found.photographs.length > 0 ? <Counts found={found} /> : null}
      {found.photographs.length > 0 ? <Lacking found={found} /> : null}
      {found.setAside === undefined ? null : (
        <div class="note">
          <p>{t.setAside}</p>
          {found.setAside ? <Detail text={found.setAside} /> : null}
        </div>
      )}
      <Duplicates found={found} />
      <Paths title={t.unlabelled(found.unlabelled.length)} why={t.unlabelledWhy} paths={found.unlabelled} />
      <Paths title={t.passedOver(found.passedOver.length)} why={t.passedOverWhy} paths={found.passedOver} />
    </>
  );
}

function Counts({ found: { classes, photographs } }: { readonly found: DataSummary }) {
  const t = text.value.data;
  const count = (set: SetName, label?: number) =>
    formatNumber(
      photographs.filter((each) => each.set === set && (label === undefined || each.label === label)).length,
    );
  return (
    <section>
      <h2>{t.counts}</h2>
      <Table headings={[t.class, ...numbers(...SETS.map((set) => t.sets[set]))]}>
        {classes.map((name, label) => (
          <tr key={name}>
            <th scope="row">{classNamed(name)}</th>
            {SETS.map((set) => (
              <td key={set} class="number">
                {count(set, label)}
              </td>
            ))}
          </tr>
        ))}
        <tr>
          <th scope="row">{t.all}</th>
          {SETS.map((set) => (
            <td key={set} class="number">
              {count(set)}
            </td>
          ))}
        </tr>
      </Table>
    </section>
  );
}

/** Classes of which a set has no photograph. */
function Lacking({ found: { classes, photographs } }: { readonly found: DataSummary }) {
  const t = text.value.data;
  return (
    <>
      {SETS.map((set) => {
        const there = new Set(photographs.filter((each) => each.set === set).map(({ label }) => label));
        const lacking = classes.filter((_, label) => !there.has(label));
        if (lacking.length === 0) return null;
        return (
          <p key={set} class="problem">
            {t.lacking[set](lacking.map(classNamed).join(', '))}
          </p>
        );
      })}
    </>
  );
}

function Problems({ found: { problems } }: { readonly found: DataSummary }) {
  const t = text.value.data;
  return (
    <section class="problem" role="alert">
      <h2>{t.problems}</h2>
      <p>{t.problemsWhy}</p>
      <Table headings={[...numbers(t.row), t.problem]}>
        {problems.slice(0, SHOWN).map(({ row, kind, given }) => (
          <tr key={row}>
            <td class="number">{row}</td>
            <td>{t.rowProblems[kind](given)}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

function Duplicates({ found: { duplicates } }: { readonly found: DataSummary }) {
  if (duplicates.length === 0) return null;
  const t = text.value.data;
  const across = duplicates.filter((group) => new Set(group.map(({ set }) => set)).size > 1);
  return (
    <details class={across.length > 0 ? 'problem' : 'note'}>
      <summary>
        {t.duplicates(duplicates.length)}
        {across.length > 0 ? `. ${t.duplicatesAcross(across.length)}` : ''}
      </summary>
      <ul>
        {duplicates.slice(0, SHOWN).map((group) => (
          <li key={`${group[0]?.set} ${group[0]?.index}`}>
            {group.map(({ name, set }) => `${name} (${t.sets[set]})`).join(', ')}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Paths(props: { readonly title: string; readonly why: string; readonly paths: readonly string[] }) {
  const { title, why, paths } = props;
  if (paths.length === 0) return null;
  return (
    <details class="note">
      <summary>{title}</summary>
      <p>{why}</p>
      <ul>
        {paths.slice(0, SHOWN).map((path) => (
          <li key={path}>{path}</li>
        ))}
      </ul>
    </details>
  );
}
