/**
 * @file What each round over the photographs came to.
 */

import { numbers, Table } from '../shell/table.tsx';
import { formatFigure, formatShare } from '../text/quantities.ts';
import { formatNumber, text } from '../text/text.ts';
import { best, epochs } from './state.ts';

/** A table, the newest round first; nothing before the first. */
export function Rounds() {
  const t = text.value.train;
  if (epochs.value.length === 0) return null;
  const headings = [t.epoch, ...numbers(t.trainingLoss, t.validationLoss, t.validationAccuracy, t.auc)];
  return (
    <section>
      <h2>{t.rounds}</h2>
      <Table headings={headings}>
        {epochs.value.toReversed().map(({ epoch, step, training, validation }) => (
          <tr key={step}>
            <th scope="row">
              {formatNumber(epoch + 1)}
              {best.value?.step === step ? ` (${t.models.isBest})` : null}
            </th>
            <td class="number">{formatFigure(training.loss, 4)}</td>
            <td class="number">{formatFigure(validation.loss, 4)}</td>
            <td class="number">{formatShare(validation.accuracy)}</td>
            <td class="number">{formatFigure(validation.auc)}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}
