import { describe, expect, it } from 'vitest';
import { type LossCurve, lossCurveSvg } from '../../src/train/plot.ts';
import { linesIn } from './svg-lines.ts';

const svg = (curve: Partial<LossCurve>) =>
  lossCurveSvg({ title: 'A run', training: [], validation: [], ...curve });

const TRAINING = '#b3cbe8';
const SMOOTHED = '#2463ae';
const ACCURACY = '#dd6b20';
const AUC = '#2a8f76';
/** Where the panel of the losses begins without a subtitle, and ends. */
const [TOP, BOTTOM] = [100, 400];
const [LEFT, RIGHT] = [64, 888];

/** The heights in the first line of `color`, as shares of the panel's. */
const heightsOf = (text: string, color: string) =>
  linesIn(text, color)[0]!.map(([, y]) => (BOTTOM - y!) / (BOTTOM - TOP));

/** All texts, `[content, x, y]`. */
const textsIn = (text: string) =>
  [...text.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</g)].map(
    ([, x, y, content]) => [content!, Number(x), Number(y)] as const,
  );
const sizeOf = (text: string) =>
  /viewBox="0 0 (\d+) (\d+)" width="(\d+)" +height="(\d+)"/.exec(text)!.slice(1).map(Number);
const steps = (losses: number[]) => losses.map((loss, i) => ({ step: i + 1, loss }));

describe('the picture', () => {
  it('is as high as its panels and its subtitle ask for', () => {
    const validation = [{ step: 1, loss: 1, accuracy: 0.5 }];
    const training = steps([1]);
    expect(sizeOf(svg({}))).toEqual([960, 458, 960, 458]);
    expect(sizeOf(svg({ subtitle: 'x' }))).toEqual([960, 480, 960, 480]);
    expect(sizeOf(svg({ training, validation }))).toEqual([960, 700, 960, 700]);
    expect(svg({})).toContain('<rect width="960" height="458"');
  });

  it('has its title, its subtitle and the name of its axis inside', () => {
    const texts = textsIn(svg({ title: 'A', subtitle: 'B', training: steps([1, 2]) }));
    const [title, subtitle] = texts;
    expect([title![0], subtitle![0]]).toEqual(['A', 'B']);
    expect([title![1], subtitle![1]]).toEqual([LEFT, LEFT]);
    expect(title![2]).toBeLessThan(subtitle![2]);
    expect(textsIn(svg({ title: 'A' })).map(([content]) => content)).not.toContain('B');
    expect(texts.at(-1)).toEqual(['Training step', (LEFT + RIGHT) / 2, 422 + 44]);
    expect(texts.find(([content]) => content === 'Loss')).toEqual(['Loss', LEFT, 122 - 18]);
  });

  it('escapes whatever it is given as text', () => {
    expect(svg({ title: '<a> & <b>' })).toContain('>&lt;a&gt; &amp; &lt;b&gt;</text>');
  });

  it('names its lines above the panel, from left to right, apart from each other', () => {
    const validation = [{ step: 2, loss: 1, accuracy: 0.5, auc: 0.5 }];
    const texts = textsIn(svg({ training: steps([1, 2]), validation }));
    const places = ['training, each step', 'training, smoothed', 'validation'].map(
      (name) => texts.find(([content]) => content === name)!,
    );
    expect(places.map(([, , y]) => y)).toEqual(Array(3).fill(TOP - 18));
    const [first, second, third] = places.map(([, x]) => x) as [number, number, number];
    // The letters of a name, some 6 pixels each, and the next one's stroke lie between.
    expect(second - first).toBeGreaterThan(19 * 5 + 52);
    expect(third - second).toBeGreaterThan(18 * 5 + 52);
    expect(third + 10 * 5).toBeLessThan(RIGHT + 20);
    const below = texts.filter(([, , y]) => y > BOTTOM + 40).map(([content]) => content);
    expect(below).toEqual(expect.arrayContaining(['Validation score', 'accuracy', 'AUC', '0.500']));
  });
});

describe('the losses', () => {
  it('reach from zero to a little above the highest', () => {
    const heights = heightsOf(svg({ training: steps([2, 1, 0]) }), TRAINING);
    [2, 1, 0].forEach((loss, i) => {
      expect(heights[i]).toBeCloseTo(loss / 2.1, 4);
    });
    const [last] = linesIn(svg({ training: steps([0, 0]) }), TRAINING);
    expect(last!.map(([, y]) => y)).toEqual([BOTTOM, BOTTOM]);
  });

  it('lie over their steps, from edge to edge; a single one lies in the middle', () => {
    const [line] = linesIn(
      svg({
        training: [
          { step: 10, loss: 1 },
          { step: 20, loss: 1 },
          { step: 50, loss: 1 },
        ],
      }),
      TRAINING,
    );
    expect(line!.map(([x]) => x)).toEqual([LEFT, LEFT + (RIGHT - LEFT) / 4, RIGHT]);
    const wider = svg({ training: steps([1, 1]), validation: [{ step: 5, loss: 1 }] });
    expect(linesIn(wider, TRAINING)[0]!.at(-1)![0]).toBe(LEFT + (RIGHT - LEFT) / 4);
    const [dot] = [
      ...svg({ validation: [{ step: 7, loss: 1 }] }).matchAll(/<circle cx="([\d.]+)"[^>]*r="4"/g),
    ].slice(-1);
    expect(Number(dot![1])).toBe((LEFT + RIGHT) / 2);
  });

  it('are smoothed over a twenty-fifth of the steps, without a lag at the beginning', () => {
    const many = steps(Array.from({ length: 200 }, (_, i) => (i < 100 ? 2 : 1)));
    const heights = heightsOf(svg({ training: many }), SMOOTHED).map((height) => height * 2.1);
    expect(heights[0]).toBeCloseTo(2, 3);
    expect(heights[99]).toBeCloseTo(2, 3);
    // An eighth of what is new at every step.
    expect(heights[100]).toBeCloseTo(2 - 1 / 8, 2);
    expect(heights[101]).toBeCloseTo(1 + (7 / 8) ** 2, 2);
    expect(heights[199]).toBeCloseTo(1, 2);
  });

  it('are outliers above four times the median of ten on either side', () => {
    const flat = (height: number, at: number) =>
      steps(Array.from({ length: 60 }, (_, i) => (i === at ? height : 1)));
    for (const at of [0, 30, 59]) {
      // 4 is drawn to scale, and all else stays low; 4.1 is cut off.
      expect(heightsOf(svg({ training: flat(4, at) }), TRAINING)[at]).toBeCloseTo(1 / 1.05, 3);
      expect(heightsOf(svg({ training: flat(4.1, at) }), TRAINING)[at]).toBe(1);
      expect(heightsOf(svg({ training: flat(4.1, at) }), TRAINING)[at === 0 ? 1 : at - 1]).toBeCloseTo(
        1 / 1.05,
        3,
      );
    }
    // Neighbours that are farther away do not count: eleven steps of 10 among 1 are ordinary, ten are not.
    const block = (length: number) =>
      steps(Array.from({ length: 60 }, (_, i) => (i >= 20 && i < 20 + length ? 10 : 1)));
    expect(heightsOf(svg({ training: block(12) }), TRAINING)[25]).toBeCloseTo(1 / 1.05, 3);
    expect(heightsOf(svg({ training: block(8) }), TRAINING)[24]).toBe(1);
  });

  it('of validations count for the scale where they are not far above the training', () => {
    const training = steps([1, 1, 1]);
    const scale = (loss: number) =>
      heightsOf(svg({ training, validation: [{ step: 3, loss }] }), TRAINING)[0]!;
    expect(scale(4)).toBeCloseTo(1 / 4.2, 3);
    expect(scale(4.1)).toBeCloseTo(1 / 1.05, 3);
    // Without a training, the median of validations tells what is usual.
    const alone = (losses: number[]) =>
      (BOTTOM -
        linesIn(svg({ validation: losses.map((loss, step) => ({ step, loss })) }), ACCURACY)[0]![0]![1]!) /
      (BOTTOM - TOP);
    expect(alone([1, 4, 1])).toBeCloseTo(1 / 4.2, 3);
    expect(alone([1, 4.1, 1])).toBeCloseTo(1 / 1.05, 3);
    expect(alone([1, 100])).toBeCloseTo(1 / 1.05, 3);
  });
});

describe('the scores', () => {
  const scores = (...values: [accuracy: number, auc: number][]) =>
    svg({ validation: values.map(([accuracy, auc], step) => ({ step, loss: 1, accuracy, auc })) });
  /** Where the panel of the scores begins and ends. */
  const [top, bottom] = [472, 642];
  const heights = (text: string, color: string) =>
    linesIn(text, color)
      .at(-1)!
      .map(([, y]) => (bottom - y!) / (bottom - top));

  it('reach from the tenth below the lowest, 0.9 at most, to 1', () => {
    const high = scores([0.95, 0.97], [1, 1]);
    expect(heights(high, ACCURACY)).toEqual([0.5, 1]);
    expect(heights(high, AUC)[0]).toBeCloseTo(0.7, 3);
    expect(heights(scores([0.55, 0.97], [1, 1]), ACCURACY)[0]).toBeCloseTo(0.1, 3);
    expect(heights(scores([0.95, 0.62], [1, 1]), ACCURACY)[0]).toBeCloseTo(0.875, 3);
  });

  it('show the last ones in figures, and the losses too', () => {
    const texts = textsIn(
      svg({
        training: steps([3, 0.123456]),
        validation: [{ step: 2, loss: 1.5, accuracy: 0.91234, auc: Number.NaN }],
      }),
    );
    const figures = texts.filter(([, x]) => x === RIGHT + 14).map(([content]) => content);
    expect(figures).toEqual(['1.50', '0.123', '0.912']);
    expect(texts.map(([content]) => content)).not.toContain('AUC');
  });
});

describe('the axes', () => {
  it('count whole steps below, and losses at the left, each label beside its line', () => {
    const text = svg({
      training: [
        { step: 0, loss: 1 },
        { step: 4000, loss: 0.5 },
      ],
    });
    const below = textsIn(text).filter(([, , y]) => y === BOTTOM + 20);
    const labels = ['0', '500', '1,000', '1,500', '2,000', '2,500', '3,000', '3,500', '4,000'];
    expect(below.map(([content]) => content)).toEqual(labels);
    expect(below[0]).toEqual(['0', LEFT, BOTTOM + 20]);
    expect(below.at(-1)).toEqual(['4,000', RIGHT, BOTTOM + 20]);
    const left = textsIn(text).filter(([, x]) => x === LEFT - 10);
    expect(left.map(([content]) => Number(content))).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    for (const [content, , y] of left) {
      const line = BOTTOM - ((BOTTOM - TOP) * Number(content)) / 1.05;
      expect(y - 4.5).toBeCloseTo(line, 1);
      expect(text).toContain(`<path d="M${LEFT},${Math.round(line * 100) / 100}H${RIGHT}"`);
    }
  });

  it('have no ticks between steps', () => {
    const few = textsIn(svg({ training: steps([1, 1, 1]) })).filter(([, , y]) => y === BOTTOM + 20);
    expect(few.map(([content]) => content)).toEqual(['1', '2', '3']);
  });
});
