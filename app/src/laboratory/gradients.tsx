import type { GradientFigures } from 'fovea';
import { text } from '../text/text.ts';

/** Pixels of the chart: of the names, of all bars, of a row. */
const [NAMES, BARS, ROW] = [200, 330, 18] as const;
/** What the scale reaches from: errors below it are shown as it. */
const LEAST = 1e-9;

/** How far along the scale an error lies, from 0 to 1. */
const along = (error: number) => Math.min(1, Math.max(0, 1 - Math.log10(error) / Math.log10(LEAST)));

/** A bar for each op: its largest error, on a logarithmic scale. */
export function Gradients({ gradients: { tolerance, ops } }: { readonly gradients: GradientFigures }) {
  const words = text.value.laboratory.gradients;
  const worst = ops.reduce((most, found) => (found.worst > most.worst ? found : most), ops[0]!);
  const [height, limit] = [(ops.length + 1) * ROW, NAMES + BARS * along(tolerance)];
  return (
    <section>
      <h2>{words.title}</h2>
      <p>{words.note(tolerance.toExponential(0))}</p>
      <div class="scroll">
        <svg
          class="bars"
          viewBox={`0 0 ${NAMES + BARS + 60} ${height}`}
          role="img"
          aria-label={words.chart(ops.length, worst.op, worst.worst.toExponential(1))}
        >
          {[1e-8, 1e-6, 1e-4, 1e-2].map((error) => (
            <g key={error}>
              <line
                x1={NAMES + BARS * along(error)}
                x2={NAMES + BARS * along(error)}
                y1={0}
                y2={height - ROW}
              />
              <text x={NAMES + BARS * along(error)} y={height - 5} text-anchor="middle">
                {error.toExponential(0)}
              </text>
            </g>
          ))}
          <line class="tolerance" x1={limit} x2={limit} y1={0} y2={height - ROW} />
          {ops.map(({ op, ok, worst: error }, i) => (
            <g key={op}>
              <text x={NAMES - 8} y={i * ROW + 13} text-anchor="end">
                {op}
              </text>
              <rect
                class={ok ? 'bar-ok' : 'bar-wrong'}
                x={NAMES}
                y={i * ROW + 3}
                width={Math.max(1, BARS * along(error))}
                height={ROW - 6}
              />
              <text x={NAMES + BARS * along(error) + 5} y={i * ROW + 13}>
                {error.toExponential(0)}
              </text>
            </g>
          ))}
        </svg>
      </div>
    </section>
  );
}
