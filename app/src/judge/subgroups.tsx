import type { Subgroup } from 'fovea';
import { numbers, Table } from '../shell/table.tsx';
import { formatFigure, formatShare } from '../text/quantities.ts';
import { formatNumber, text } from '../text/text.ts';

/** Figures of parts of the photographs, where their names tell any. */
export function Subgroups({ subgroups }: { readonly subgroups: readonly Subgroup[] }) {
  const { judge } = text.value;
  if (subgroups.length === 0) return null;
  const headings = [judge.count, judge.aucName, judge.sensitivity, judge.specificity, judge.accuracy];
  return (
    <section>
      <h2>{judge.subgroups}</h2>
      <p>{judge.subgroupsNote}</p>
      <Table headings={[judge.group, ...numbers(...headings)]}>
        {subgroups.map(({ group, samples, auc, sensitivity, specificity, accuracy }) => (
          <tr key={group}>
            <th scope="row">{group}</th>
            <td class="number">{formatNumber(samples)}</td>
            <td class="number">{formatFigure(auc)}</td>
            <td class="number">{formatShare(sensitivity)}</td>
            <td class="number">{formatShare(specificity)}</td>
            <td class="number">{formatShare(accuracy)}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}
