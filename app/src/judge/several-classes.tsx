import type { ClassesFigures } from 'fovea';
import { formatFigure, formatShare } from '../text/quantities.ts';
import { formatNumber, text } from '../text/text.ts';

/** What a model of more than two classes is worth. */
export function SeveralClasses({ figures }: { readonly figures: ClassesFigures }) {
  const { judge } = text.value;
  const { classes, confusion, accuracy, macro } = figures;
  const headings = [judge.count, judge.sensitivity, judge.precision, judge.f1, judge.aucName];
  return (
    <>
      <p>{judge.severalSummary(formatShare(accuracy), formatFigure(macro.auc))}</p>
      <h2>{judge.byClass}</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{judge.className}</th>
              {headings.map((heading) => (
                <th scope="col" class="number" key={heading}>
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {classes.map(({ name, samples, recall, precision, f1, auc }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="number">{formatNumber(samples)}</td>
                <td class="number">{formatShare(recall)}</td>
                <td class="number">{formatShare(precision)}</td>
                <td class="number">{formatFigure(f1)}</td>
                <td class="number">{formatFigure(auc)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h2>{judge.confusion}</h2>
      <div class="scroll">
        <table class="confusion">
          <thead>
            <tr>
              <td />
              {classes.map(({ name }) => (
                <th scope="col" key={name}>
                  {judge.predictedAs(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {confusion.map((row, label) => (
              <tr key={classes[label]?.name}>
                <th scope="row">{judge.isA(classes[label]?.name ?? '')}</th>
                {row.map((count, predicted) => (
                  <td
                    key={classes[predicted]?.name}
                    class={label === predicted ? 'hit' : count > 0 ? 'miss' : ''}
                  >
                    {formatNumber(count)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
