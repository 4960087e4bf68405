import type { ClassesFigures } from 'fovea';
import { numbers, Table } from '../shell/table.tsx';
import { formatFigure, formatShare } from '../text/quantities.ts';
import { classNamed, formatNumber, text } from '../text/text.ts';
import { ConfusionTable } from './confusion-table.tsx';

/** What a model of more than two classes is worth. */
export function SeveralClasses({ figures }: { readonly figures: ClassesFigures }) {
  const { judge } = text.value;
  const { classes, confusion, accuracy, macro } = figures;
  const headings = [judge.count, judge.sensitivity, judge.precision, judge.f1, judge.aucName];
  return (
    <>
      <p>{judge.severalSummary(formatShare(accuracy), formatFigure(macro.auc))}</p>
      <h2>{judge.byClass}</h2>
      <Table headings={[judge.className, ...numbers(...headings)]}>
        {classes.map(({ name, samples, recall, precision, f1, auc }) => (
          <tr key={name}>
            <th scope="row">{classNamed(name)}</th>
            <td class="number">{formatNumber(samples)}</td>
            <td class="number">{formatShare(recall)}</td>
            <td class="number">{formatShare(precision)}</td>
            <td class="number">{formatFigure(f1)}</td>
            <td class="number">{formatFigure(auc)}</td>
          </tr>
        ))}
      </Table>
      <h2>{judge.confusion}</h2>
      <ConfusionTable classes={classes.map(({ name }) => name)} counts={confusion} />
    </>
  );
}
