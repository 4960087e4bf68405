import type { ConvolutionFigure, ConvolutionFigures } from 'fovea';
import { numbers, Table } from '../shell/table.tsx';
import { formatFigure } from '../text/quantities.ts';
import { formatNumber, text } from '../text/text.ts';

/** In the order of a training step. */
const PASSES = ['forward', 'backwardInput', 'backwardWeight'] as const;

const percent = (share: number) => formatNumber(share, { style: 'percent' });

/** A row for each convolution: its speed in each pass, the share of the ceiling and the algorithm. */
export function Convolutions({ convolutions }: { readonly convolutions: ConvolutionFigures }) {
  const words = text.value.laboratory.convolutions;
  const { ceiling, timedBy, passes } = convolutions;
  const rows = grouped(passes);
  const headings = [
    words.geometry,
    ...numbers(...PASSES.map((pass) => `${words.passes[pass]}, ${words.unit}`)),
  ];
  return (
    <section>
      <h2>{words.title}</h2>
      <p>{words.ceiling(formatFigure(ceiling), timedBy)}</p>
      <Table headings={headings}>
        {[...rows].map(([name, found]) => (
          <tr key={name}>
            <th scope="row">
              {name}
              <small class="quiet">{found[0]?.geometry}</small>
            </th>
            {PASSES.map((pass) => (
              <Pass key={pass} found={found.find((one) => one.pass === pass)} ceiling={ceiling} />
            ))}
          </tr>
        ))}
      </Table>
    </section>
  );
}

function Pass({
  found,
  ceiling,
}: {
  readonly found: ConvolutionFigure | undefined;
  readonly ceiling: number;
}) {
  const words = text.value.laboratory.convolutions;
  if (!found) return <td />;
  const share = found.gigaflops / ceiling;
  return (
    <td class="number">
      {formatFigure(found.gigaflops)}
      <small>{words.share(percent(share))}</small>
      <small>{found.algorithm}</small>
    </td>
  );
}

function grouped(passes: readonly ConvolutionFigure[]): Map<string, ConvolutionFigure[]> {
  const groups = new Map<string, ConvolutionFigure[]>();
  for (const found of passes) groups.set(found.name, [...(groups.get(found.name) ?? []), found]);
  return groups;
}
