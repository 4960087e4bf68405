import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { type LossCurve, lossCurveSvg } from '../../src/train/plot.ts';
import { svgToPng } from '../../src/train/svg-to-png.ts';
import { linesIn } from './svg-lines.ts';

const training = [
  { step: 1, loss: 0.8 },
  { step: 2, loss: 0.4 },
  { step: 3, loss: 0.6 },
];

function svg(curve: Partial<LossCurve>): string {
  const text = lossCurveSvg({ title: 'A run', training: [], validation: [], ...curve });
  expect(text).not.toMatch(/NaN|Infinity|undefined/);
  return text;
}

const TRAINING = '#b3cbe8';
const VALIDATION = '#dd6b20';
const SMOOTHED = '#2463ae';
const triangles = (text: string) => text.match(/h11l-5\.5,-10Z/g)?.length ?? 0;
const dots = (text: string) => text.match(/<circle/g)?.length ?? 0;

describe('lossCurveSvg', () => {
  it('draws the training loss to scale', () => {
    const [line] = linesIn(svg({ training }), TRAINING);
    const [[x0, y0], [x1, y1], [x2, y2]] = line as [number[], number[], number[]];
    expect([x0, x1, x2]).toEqual([64, (64 + 888) / 2, 888]);
    // 0.8, 0.4, 0.6: the second step is twice as far below the first as the third is.
    expect(y1! - y0!).toBeCloseTo(2 * (y2! - y0!), 1);
    expect(y1).toBeGreaterThan(y0!);
  });

  it('leaves a gap where the loss is not finite', () => {
    const broken = [
      ...training,
      { step: 4, loss: Number.NaN },
      { step: 5, loss: 0.5 },
      { step: 6, loss: 0.5 },
    ];
    expect(linesIn(svg({ training: broken }), TRAINING).map((line) => line.length)).toEqual([3, 2]);
    svg({ training: [{ step: 1, loss: Number.POSITIVE_INFINITY }, ...broken] });
    svg({
      training: [{ step: 1, loss: Number.NaN }],
      validation: [{ step: 1, loss: Number.NaN, accuracy: Number.NaN }],
    });
  });

  it('cuts off a step that lies far above the others', () => {
    const many = Array.from({ length: 200 }, (_, step) => ({ step, loss: step === 100 ? 1000 : 1 }));
    const [line] = linesIn(svg({ training: many }), TRAINING);
    const heights = line!.map(([, y]) => y);
    // At the very top, where a curve that fits ends below it.
    expect(heights[100]).toBe(100);
    expect(Math.min(...linesIn(svg({ training }), TRAINING)[0]!.map(([, y]) => y!))).toBeGreaterThan(110);
  });

  it('keeps its scale where a single step, or a validation, lies far above the others', () => {
    const short = Array.from({ length: 40 }, (_, step) => ({ step, loss: step === 3 ? 1000 : 0.7 }));
    const validation = [349_058, 17_347, 379, 1.4].map((loss, i) => ({ step: 10 * i + 9, loss }));
    const text = svg({ training: short, validation });
    const [thin] = linesIn(text, TRAINING);
    expect(thin![3]![1]).toBe(100);
    // 0.7 of an axis that reaches a little beyond 1.4, the panel being 300 high.
    expect(400 - thin![20]![1]!).toBeGreaterThan(120);
    const [smoothed] = linesIn(text, SMOOTHED);
    expect(
      Math.max(...smoothed!.map(([, y]) => y!)) - Math.min(...smoothed!.map(([, y]) => y!)),
    ).toBeLessThan(1);
    expect(triangles(text)).toBe(3);
    // One in the legend, one validation.
    expect(dots(text)).toBe(2);
    expect(triangles(svg({ validation: validation.slice(0, 3) }))).toBe(1);
  });

  it('draws the smoothed loss through from the first step to the last, smoother than the steps', () => {
    // Now and then a step of many times the median, as late in a training, but of less than the first.
    const noisy = Array.from({ length: 39 }, (_, step) => ({
      step,
      loss: step < 5 ? 0.9 : step % 7 === 0 ? 0.6 : 0.05,
    }));
    const text = svg({ training: noisy });
    const [smoothed, ...others] = linesIn(text, SMOOTHED);
    expect(others).toEqual([]);
    expect(smoothed).toHaveLength(39);
    const way = (line: number[][]) =>
      line.slice(1).reduce((total, [, y], i) => total + Math.abs(y! - line[i]![1]!), 0);
    const [thin] = linesIn(text, TRAINING);
    expect(way(smoothed!)).toBeLessThan(way(thin!) / 2);
  });

  it('shows how a loss fell from the beginning on, however long that is ago', () => {
    const falling = Array.from({ length: 400 }, (_, step) => ({ step, loss: 5 * 0.97 ** step }));
    const heights = linesIn(svg({ training: falling }), TRAINING)[0]!.map(([, y]) => y!);
    expect(heights[0]).toBeGreaterThan(110);
    expect(heights[0]).toBeLessThan(130);
  });

  it.each([
    [0.001, 0.0012],
    [4, 1.01],
    [0.5, 0.5],
  ])('sets the last values %d and %d apart from each other and above the ticks', (validated, trained) => {
    const flat = Array.from({ length: 40 }, (_, step) => ({ step, loss: step < 30 ? 5 : trained }));
    const text = svg({ training: flat, validation: [{ step: 39, loss: validated }] });
    const baselines = [...text.matchAll(/<text x="902" y="([\d.]+)"/g)].map(([, y]) => Number(y));
    expect(baselines).toHaveLength(2);
    expect(baselines[1]! - baselines[0]!).toBeGreaterThanOrEqual(15);
    // The panel ends at 400, and labels of its ticks stand on 420.
    expect(baselines[1]!).toBeLessThanOrEqual(405);
  });

  it('has room for the ticks of large losses', () => {
    const large = [1, 2, 3].map((step) => ({ step, loss: 3e9 * step }));
    const ticks = [...svg({ training: large }).matchAll(/text-anchor="end"[^>]*>([^<]*)</g)].map(
      ([, tick]) => tick!,
    );
    expect(Math.max(...ticks.map((tick) => tick.length))).toBeLessThanOrEqual(7);
  });

  it('draws the scores where there are any', () => {
    const validation = [
      { step: 2, loss: 0.5, accuracy: 0.75, auc: 0.8 },
      { step: 3, loss: 0.4, accuracy: 0.875, auc: 0.9 },
    ];
    const both = svg({ training, validation });
    expect(both).toContain('Validation score');
    expect(both).toContain('>0.875</text>');
    expect(linesIn(both, VALIDATION)).toHaveLength(2);
    expect(dots(both)).toBe(6 + 3);
    expect(svg({ training, validation: [{ step: 3, loss: 0.4 }] })).not.toContain('Validation score');
  });

  it('draws one value as a dot, and none as words', () => {
    expect(dots(svg({ training: training.slice(0, 1) }))).toBe(2);
    expect(svg({})).toContain('no values yet');
    expect(svg({ training })).not.toContain('no values yet');
  });

  it('escapes its texts', () => {
    expect(svg({ title: 'a < b & c', subtitle: '<svg>' })).toContain('>a &lt; b &amp; c</text>');
  });
});

describe('svgToPng', () => {
  it('refuses what is no SVG', async () => {
    await expect(svgToPng('<svg', 480)).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('renders at the width asked for, with text, whatever fonts the machine has', async () => {
    const file = await svgToPng(svg({ title: 'Pathologic myopia', training }), 480);
    const png = PNG.sync.read(Buffer.from(file));
    expect(png.width).toBe(480);
    // The title stands 26 to 46 of 960 pixels from the top.
    let ink = 0;
    for (let y = 13; y < 23; y++) {
      for (let x = 0; x < png.width; x++) if (png.data[4 * (y * png.width + x)]! < 128) ink++;
    }
    expect(ink).toBeGreaterThan(100);
  });
});
