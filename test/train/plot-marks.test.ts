import { expect, test } from 'vitest';
import { type LossCurve, lossCurveSvg } from '../../src/train/plot.ts';

const svg = (curve: Partial<LossCurve>) =>
  lossCurveSvg({ title: 'A run', training: [], validation: [], ...curve });

const SMOOTHED = '#2463ae';
const ORANGE = '#dd6b20';
const GREEN = '#2a8f76';
const [TOP, BOTTOM, LEFT, RIGHT] = [100, 400, 64, 888];
const steps = (losses: number[]) => losses.map((loss, i) => ({ step: i + 1, loss }));

/** Texts with their places and what else is said of them. */
const textsIn = (text: string) =>
  [...text.matchAll(/<text x="([\d.]+)" y="([\d.]+)" ([^>]*)>([^<]*)</g)].map(
    ([, x, y, attributes, content]) => ({
      x: Number(x),
      y: Number(y),
      attributes: attributes!,
      content: content!,
    }),
  );
const textOf = (text: string, wanted: string) => textsIn(text).find(({ content }) => content === wanted)!;
const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;
const TRIANGLE = /h11l-5\.5,-10Z/g;

test('each name of the legend stands beside a stroke of its colour', () => {
  const text = svg({ training: steps([1, 1]), validation: [{ step: 2, loss: 1 }] });
  for (const [name, color, width] of [
    ['training, each step', '#b3cbe8', 1],
    ['training, smoothed', SMOOTHED, 2.5],
    ['validation', ORANGE, 1.5],
  ] as const) {
    const { x, y } = textOf(text, name);
    const start = Math.round(100 * (x - 30)) / 100;
    expect(text).toContain(`<path d="M${start},${y - 4.5}h22" stroke="${color}" stroke-width="${width}"/>`);
  }
  const { x, y } = textOf(text, 'validation');
  expect(text).toContain(`<circle cx="${x - 19}" cy="${y - 4.5}" r="4" fill="${ORANGE}"`);
});

test('a score of 1 is a dot on the upper edge, and no triangle', () => {
  const text = svg({ validation: [{ step: 1, loss: 1, accuracy: 1, auc: 1 }] });
  expect(count(text, TRIANGLE)).toBe(0);
  expect(count(text, /<circle cx="476" cy="472"/g)).toBe(2);
});

test('a validation that is no number has no mark', () => {
  const text = svg({
    validation: [
      { step: 1, loss: 1 },
      { step: 2, loss: Number.NaN },
      { step: 3, loss: 1 },
    ],
  });
  expect(text).not.toContain('NaN');
  // Two dots, one in the legend.
  expect(count(text, /<circle/g)).toBe(3);
});

test('a triangle points up at the upper edge, over its step', () => {
  const text = svg({ training: steps([1, 1, 1]), validation: [{ step: 2, loss: 100 }] });
  expect(text).toContain(`<path d="M${(LEFT + RIGHT) / 2 - 5.5},${TOP + 5}h11l-5.5,-10Z" fill="${ORANGE}"`);
});

test('last values stand beside the ends of their lines in their colours', () => {
  const text = svg({ training: steps([0.5, 0.5]), validation: [{ step: 2, loss: 1 }] });
  const height = (loss: number) => BOTTOM - ((BOTTOM - TOP) * loss) / 1.05;
  for (const [content, loss, color] of [
    ['1.00', 1, ORANGE],
    ['0.500', 0.5, SMOOTHED],
  ] as const) {
    const { x, y, attributes } = textOf(text, content);
    expect(x).toBe(RIGHT + 14);
    expect(y).toBeCloseTo(height(loss) + 4.5, 1);
    expect(attributes).toBe(`fill="${color}"`);
  }
});

test('of two values that are near each other the upper one keeps its place, but at the lower edge', () => {
  const score = (accuracy: number, auc: number) => svg({ validation: [{ step: 1, loss: 1, accuracy, auc }] });
  const high = score(1, 0.999);
  expect([textOf(high, '1.000').y, textOf(high, '0.999').y]).toEqual([476.5, 491.5]);
  expect(textOf(high, '0.999').attributes).toBe(`fill="${GREEN}"`);
  const low = score(0.901, 0.9);
  expect([textOf(low, '0.901').y, textOf(low, '0.900').y]).toEqual([631.5, 646.5]);
});

test('a panel without values says so in its middle, and has axes', () => {
  const text = svg({});
  expect(textOf(text, 'no values yet')).toMatchObject({ x: (LEFT + RIGHT) / 2, y: (TOP + BOTTOM) / 2 });
  expect(text).toContain(`<path d="M${LEFT},${BOTTOM}H${RIGHT}" stroke="#aab4be"/>`);
  const labels = textsIn(text).filter(({ y }) => y === BOTTOM + 20);
  expect(labels.map(({ content, x }) => [content, x])).toEqual([
    ['0', LEFT],
    ['1', RIGHT],
  ]);
  for (const { x } of labels) expect(text).toContain(`<path d="M${x},${BOTTOM}v5" stroke="#aab4be"/>`);
});

test('a single step lies between the one before and the one after', () => {
  const labels = textsIn(svg({ training: [{ step: 7, loss: 1 }] })).filter(({ y }) => y === BOTTOM + 20);
  expect(labels.map(({ content, x }) => [content, x])).toEqual([
    ['6', LEFT],
    ['7', (LEFT + RIGHT) / 2],
    ['8', RIGHT],
  ]);
});

test('a loss between ten low ones and ten high ones is ordinary: the smoothed line goes on', () => {
  const losses = [...Array(10).fill(1), 5, ...Array(20).fill(10)];
  const [, path] = new RegExp(`<path d="([^"]*)" fill="none" stroke="${SMOOTHED}"`).exec(
    svg({ training: steps(losses) }),
  )!;
  expect(path!.split('M')).toHaveLength(2);
});

test('only ticks of six digits and more have letters for powers of ten', () => {
  const ticks = (loss: number) =>
    textsIn(svg({ training: steps([loss, loss]) }))
      .filter(({ x }) => x === LEFT - 10)
      .map(({ content }) => content);
  expect(ticks(90_000).at(-1)).toBe('80,000');
  expect(ticks(900_000).at(-1)).toBe('800k');
});
