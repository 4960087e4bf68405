import type { Judgement } from 'fovea';
import { SquareChart } from '../charts/square-chart.tsx';
import { Slider } from '../shell/slider.tsx';
import { formatFigure, formatShare } from '../text/quantities.ts';
import { classNamed, formatNumber, text } from '../text/text.ts';
import { ConfusionTable } from './confusion-table.tsx';
import type { Judged } from './judge-training.ts';
import { point, threshold } from './state.ts';
import { Subgroups } from './subgroups.tsx';

/** What a model of two classes is worth: the threshold, what it gives, and what all others would. */
export function TwoClasses(props: { readonly judged: Judged; readonly judgement: Judgement }) {
  const { judged, judgement } = props;
  const { judge } = text.value;
  const [, second = ''] = judged.classes;
  const { value, low, high } = judgement.auc;
  return (
    <>
      <p>{judge.auc(formatFigure(value), formatFigure(low), formatFigure(high))}</p>
      <Threshold second={second} judgement={judgement} />
      <Given classes={judged.classes} />
      <h2>{judge.curves}</h2>
      <div class="pair">
        <Roc judgement={judgement} />
        <Reliability judgement={judgement} />
      </div>
      <Subgroups subgroups={judgement.subgroups} />
    </>
  );
}

function Threshold(props: { readonly second: string; readonly judgement: Judgement }) {
  const { second, judgement } = props;
  const { judge } = text.value;
  const { half, youden, sensitivity } = judgement.points;
  const choices = [
    [judge.half, half],
    [judge.youden, youden],
    [judge.wanted(formatShare(judgement.wantedSensitivity)), sensitivity],
  ] as const;
  return (
    <section>
      <h2>{judge.threshold}</h2>
      <Slider
        label={judge.thresholdOf(
          classNamed(second),
          formatNumber(threshold.value, { minimumFractionDigits: 3 }),
        )}
        value={threshold}
        step={0.001}
        class="threshold"
      />
      <div class="actions">
        {choices.map(([name, { threshold: chosen }]) => (
          <button
            type="button"
            key={name}
            disabled={!Number.isFinite(chosen)}
            onClick={() => {
              threshold.value = chosen;
            }}
          >
            {name}
          </button>
        ))}
      </div>
    </section>
  );
}

/** What the threshold gives. */
function Given({ classes }: { readonly classes: readonly string[] }) {
  const { judge } = text.value;
  const given = point.value;
  if (!given) return null;
  const counts = [
    [given.trueNegatives, given.falsePositives],
    [given.falseNegatives, given.truePositives],
  ];
  const shares = [
    [judge.sensitivity, given.sensitivity],
    [judge.specificity, given.specificity],
    [judge.precision, given.precision],
    [judge.negativePredictiveValue, given.negativePredictiveValue],
    [judge.accuracy, given.accuracy],
  ] as const;
  return (
    <section>
      <dl class="big">
        {shares.map(([name, share]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{formatShare(share)}</dd>
          </div>
        ))}
      </dl>
      <ConfusionTable classes={classes} counts={counts} caption={judge.confusion} />
    </section>
  );
}

function Roc({ judgement }: { readonly judgement: Judgement }) {
  const { judge } = text.value;
  const given = point.value;
  return (
    <SquareChart
      title={judge.roc}
      description={judge.rocDescription(
        formatFigure(judgement.auc.value),
        formatShare(given?.sensitivity ?? Number.NaN),
        formatShare(given?.specificity ?? Number.NaN),
      )}
      x={judge.falseAlarms}
      y={judge.sensitivity}
      line={judgement.roc.map(({ specificity, sensitivity }) => [1 - specificity, sensitivity])}
      mark={given && [1 - given.specificity, given.sensitivity]}
    />
  );
}

function Reliability({ judgement: { calibration } }: { readonly judgement: Judgement }) {
  const { judge } = text.value;
  const { bins, expectedCalibrationError, brier } = calibration;
  const filled = bins.filter(({ samples }) => samples > 0);
  const summary = judge.calibrationSummary(formatFigure(expectedCalibrationError), formatFigure(brier));
  return (
    <div>
      <SquareChart
        title={judge.calibration}
        description={summary}
        x={judge.saidProbability}
        y={judge.frequency}
        line={filled.map(({ meanProbability, frequency }) => [meanProbability, frequency])}
        dots
      />
      <p class="quiet">{summary}</p>
    </div>
  );
}
