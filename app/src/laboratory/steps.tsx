import type { StepFigures } from 'fovea';
import { numbers, Table } from '../shell/table.tsx';
import { formatFigure } from '../text/quantities.ts';
import { formatNumber, text } from '../text/text.ts';

/** A training step of each size, and its time by kernel. */
export function Steps({ steps }: { readonly steps: readonly StepFigures[] }) {
  return (
    <>
      {steps.map((step) => (
        <Step key={step.size} step={step} />
      ))}
    </>
  );
}

function Step({ step }: { readonly step: StepFigures }) {
  const words = text.value.laboratory.steps;
  const { milliseconds, javascript, dispatches, submits, peakBytes, kernels } = step;
  const total = kernels.reduce((sum, kernel) => sum + kernel.milliseconds, 0);
  const figures = [milliseconds, javascript, dispatches, submits, peakBytes / 2 ** 20].map((value) =>
    formatFigure(value),
  );
  const [stepTime, ofJavascript, dispatched, submitted, memory] = figures as [
    string,
    string,
    string,
    string,
    string,
  ];
  return (
    <section>
      <h2>{words.title(step.layers, step.size, step.batch)}</h2>
      <p>{words.summary(stepTime, ofJavascript, dispatched, submitted, memory)}</p>
      {kernels.length === 0 ? (
        <p class="note">{words.noTimestamps}</p>
      ) : (
        <Table headings={[words.kernel, ...numbers(words.dispatches, words.milliseconds), words.share]}>
          {kernels.map((kernel) => (
            <tr key={kernel.name}>
              <th scope="row">{kernel.name}</th>
              <td class="number">{formatNumber(kernel.dispatches)}</td>
              <td class="number">{formatFigure(kernel.milliseconds)}</td>
              <td>
                <meter class="share" value={total > 0 ? kernel.milliseconds / total : 0}>
                  {formatNumber(kernel.milliseconds / total, { style: 'percent' })}
                </meter>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}
