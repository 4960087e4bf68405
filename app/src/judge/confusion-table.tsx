import { classNamed, formatNumber, text } from '../text/text.ts';

/** What a confusion table shows. */
export interface ConfusionTableProps {
  readonly classes: readonly string[];
  /** How many photographs of each class (a row) were taken for each (a column). */
  readonly counts: readonly (readonly number[])[];
  readonly caption?: string;
}

/** How often what was taken for what. */
export function ConfusionTable({ classes, counts, caption }: ConfusionTableProps) {
  const { judge } = text.value;
  return (
    <div class="scroll">
      <table class="confusion">
        {caption === undefined ? null : <caption>{caption}</caption>}
        <thead>
          <tr>
            <td />
            {classes.map((name) => (
              <th scope="col" key={name}>
                {judge.predictedAs(classNamed(name))}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {counts.map((row, label) => (
            <tr key={classes[label]}>
              <th scope="row">{judge.isA(classNamed(classes[label]))}</th>
              {row.map((count, predicted) => (
                <td key={classes[predicted]} class={kindOf(label === predicted, count)}>
                  {formatNumber(count)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function kindOf(isRight: boolean, count: number): string {
  if (count === 0) return '';
  return isRight ? 'hit' : 'miss';
}
