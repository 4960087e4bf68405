/**
 * @file The curves of a training.
 */

import { LineChart } from '../charts/line-chart.tsx';
import { formatFigure, formatShare } from '../text/quantities.ts';
import { formatNumber, text } from '../text/text.ts';
import { epochs, lastStep, points } from './state.ts';

/** Loss, accuracy and learning rate. */
export function Curves() {
  const t = text.value.train;
  const steps = points.value;
  const history = epochs.value;
  const last = lastStep.value;
  const accuracy = history.at(-1)?.validation.accuracy ?? Number.NaN;
  return (
    <div class="charts">
      <LineChart
        title={t.loss}
        description={t.lossChart(formatNumber(last?.step ?? 0), formatFigure(last?.loss ?? Number.NaN))}
        series={[
          { name: t.training, kind: 'first', points: steps.map(({ step, loss }) => [step, loss]) },
          {
            name: t.validation,
            kind: 'second',
            points: history.map(({ step, validation }) => [step, validation.loss]),
            dots: true,
          },
        ]}
      />
      <LineChart
        title={t.accuracy}
        description={t.accuracyChart(formatShare(accuracy))}
        series={[
          {
            name: t.training,
            kind: 'first',
            points: history.map(({ step, training }) => [step, training.accuracy]),
            dots: true,
          },
          {
            name: t.validation,
            kind: 'second',
            points: history.map(({ step, validation }) => [step, validation.accuracy]),
            dots: true,
          },
        ]}
        range={[0, 1]}
      />
      <LineChart
        title={t.rate}
        description={t.rateChart(formatFigure(last?.learningRate ?? Number.NaN))}
        series={[
          {
            name: t.rate,
            kind: 'first',
            points: steps.map(({ step, learningRate }) => [step, learningRate]),
          },
        ]}
        range={[0, 0]}
      />
    </div>
  );
}
