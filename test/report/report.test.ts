/**
 * @file Reports: whole for complete content, without what is missing, and harmless whatever stands in the names.
 */

import { expect, test } from 'vitest';
import { escaped, html } from '../../src/html.ts';
import { classFigures } from '../../src/judge/classes.ts';
import { judge } from '../../src/judge/judgement.ts';
import { Random } from '../../src/random.ts';
import type { ReportedPredictions } from '../../src/report/content.ts';
import { fixed, percent } from '../../src/report/html.ts';
import { worstMistakes } from '../../src/report/mistakes.ts';
import { renderReport } from '../../src/report/report.ts';
import type { MetricsLine } from '../../src/train/metrics-log.ts';
import fc from '../support/fast-check.ts';

function drawn(count: number, classDim = 1): ReportedPredictions {
  const random = new Random(5);
  const labels = Float32Array.from({ length: count }, (_, i) => i % Math.max(2, classDim));
  const logits = Float32Array.from({ length: count * classDim }, (_, i) => {
    const label = labels[Math.floor(i / classDim)]!;
    return 2 * random.normal() + (classDim === 1 ? 4 * label - 2 : label === i % classDim ? 3 : 0);
  });
  const powers = logits.map(Math.exp);
  const sumOf = (row: number) => powers.subarray(row, row + classDim).reduce((a, b) => a + b, 0);
  const probabilities = powers.map((power, i) =>
    classDim === 1 ? power / (1 + power) : power / sumOf(i - (i % classDim)),
  );
  const names = Array.from(labels, (label, i) => `${label === 1 ? 'P' : 'N'}${i + 1}.jpg`);
  return { names, labels, classDim, logits, probabilities };
}

const METRICS: MetricsLine[] = [1, 2, 3, 4].flatMap((step): MetricsLine[] => {
  const epoch = Math.floor((step - 1) / 2);
  const figures = { loss: 1 / step, accuracy: 0.5, weightedAccuracy: 0.5 };
  const validation = { ...figures, auc: 0.9 - epoch / 10 };
  const line: MetricsLine = {
    ...{ kind: 'step', step, epoch, batch: (step - 1) % 2, samples: 4 },
    ...{ learningRate: 0.0015, loss: 1 / step, accuracy: 0.5 },
  };
  return step % 2 === 0 ? [line, { kind: 'epoch', epoch, step, training: figures, validation }] : [line];
});
const HOSTILE = `<img src=x onerror=alert(1)>"'&\u202egpj.\u0000\u{e0001}`;
const JPEG = Uint8Array.of(0xff, 0xd8, 0xff);
const PNG = Uint8Array.of(0x89, 0x50);

/** How often `pattern` is in `text`. */
const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

test('a whole report has every section, its charts and pictures, no script and nothing from elsewhere', async () => {
  const predictions = drawn(80);
  const mistakes = worstMistakes(predictions, 3).map((mistake) => ({
    ...mistake,
    photograph: JPEG,
    map: PNG,
  }));
  expect(mistakes).toHaveLength(3);
  const report = await renderReport({
    title: 'Training',
    subtitle: 'ResNet-50',
    notes: ['To be known first.'],
    predictions,
    classes: ['healthy', 'ill'],
    sensitivity: 0.9,
    mistakes,
    metrics: METRICS,
    bestBy: 'auc',
    facts: [{ title: 'Machine', entries: [['adapter', 'a GPU']] }],
  });
  const headings = [...report.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, text]) => text);
  expect(headings).toEqual([
    'How well it tells them apart',
    'Whether its probabilities mean what they say',
    'By group',
    'Where it was most wrong',
    'The course of the training',
    'How it came about',
  ]);
  expect(count(report, /<svg/g)).toBe(7);
  expect(count(report, /data:image\/jpeg;base64,\/9j\//g)).toBe(3);
  expect(count(report, /data:image\/png;base64,/g)).toBe(3);
  expect(report).toContain('photographs of patients, stored in this file');
  expect(report).toContain('sensitivity of 90.0 %');
  expect(report).toContain('>1&nbsp;<b>best</b>');
  expect(report).toContain('>0.0010</text>'); // a tick is not rounded as coordinates are
  expect(report).not.toMatch(/<script|javascript:|https?:\/\/(?!www\.w3\.org)|\bNaN\b|undefined|Infinity/);
  expect(report).not.toMatch(/ d="[^"]*\d\.\d{3}/);
});

test('figures that are given are not computed again', async () => {
  const predictions = drawn(40);
  const figures = judge(predictions, { sensitivity: 0.8, replicates: 100 });
  const report = await renderReport({ title: 'Judged', predictions, figures });
  expect(report).toContain('sensitivity of 80.0 %');
});

test('what is missing is left out', async () => {
  const report = await renderReport({ title: 'Bare' });
  expect(report).toContain('<h1>Bare</h1>');
  expect(report).not.toMatch(/<h2>|<svg|undefined/);
});

test('names are text, wherever they stand', async () => {
  const predictions = { ...drawn(6), names: Array.from({ length: 6 }, () => HOSTILE) };
  const report = await renderReport({
    ...{ title: HOSTILE, subtitle: HOSTILE, notes: [HOSTILE], predictions, classes: [HOSTILE, HOSTILE] },
    mistakes: [{ name: HOSTILE, label: 0, predicted: 1, probability: 0.9, photograph: JPEG }],
    facts: [{ title: HOSTILE, entries: [[HOSTILE, HOSTILE]] }],
  });
  expect(report).not.toContain('<img src=x');
  for (const invisible of ['\u202e', '\0']) expect(report).not.toContain(invisible);
  expect(report).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;\\u{202e}gpj.\\u{0}\\u{e0001}');
});

test('three classes have a row each, and no curve of two', async () => {
  const report = await renderReport({ title: 'K', predictions: drawn(30, 3), classes: ['a', 'b', 'c'] });
  expect(report).toContain('<h2>By class</h2>');
  expect(report).toContain('taken for c');
  expect(report).not.toContain('ROC');
});

test('one class alone, and one photograph: what is not defined is a dash', async () => {
  const one = { names: ['a'], labels: Float32Array.of(1), classDim: 1 };
  const predictions = { ...one, logits: Float32Array.of(3), probabilities: Float32Array.of(0.95) };
  const report = await renderReport({ title: 'One', predictions, metrics: METRICS.slice(0, 1) });
  expect(report).toContain('not defined with one class');
  expect(report).not.toMatch(/\bNaN\b|undefined|Infinity/);
});

test('mistakes come with the surest first, of two classes and of more', () => {
  const two = {
    ...{ names: ['a', 'b', 'c', 'd'], labels: Float32Array.of(0, 1, 1, 0), classDim: 1 },
    ...{ logits: new Float32Array(4), probabilities: Float32Array.of(0.75, 0.125, 0.875, 0.5) },
  };
  expect(worstMistakes(two)).toEqual([
    { name: 'b', label: 1, predicted: 0, probability: 0.875 },
    { name: 'a', label: 0, predicted: 1, probability: 0.75 },
  ]);
  const three = {
    ...{ names: ['a', 'b'], labels: Float32Array.of(2, 1), classDim: 3, logits: new Float32Array(6) },
    probabilities: Float32Array.of(0.5, 0.25, 0.25, 0, 1, 0),
  };
  expect(worstMistakes(three)).toEqual([{ name: 'a', label: 2, predicted: 0, probability: 0.5 }]);
});

test('pieces of HTML: texts are escaped, pieces are not, whatever the text', () => {
  expect(html`<p>${'<'}${html`<b>${1}</b>`}${['&', undefined]}</p>`.markup).toBe('<p>&lt;<b>1</b>&amp;</p>');
  expect([percent(0.12345), percent(Number.NaN)]).toEqual(['12.3 %', '–']);
  expect([fixed(0.12345), fixed(Number.POSITIVE_INFINITY), fixed(Number.NaN)]).toEqual(['0.123', '∞', '–']);
  const text = fc.array(fc.integer({ min: 0, max: 0x10ffff })).map((codes) => String.fromCodePoint(...codes));
  fc.assert(fc.property(text, (text) => !/[<>"']|[\p{Cc}\p{Cf}]/u.test(escaped(text))));
});

test.each([
  [{ title: 5 }, /title of renderReport is 5/],
  [{ title: 'a', colour: 'red' }, /no option colour/],
  [{ title: 'a', mistakes: 5 }, /mistakes of renderReport/],
  [{ title: 'a', predictions: drawn(3), figures: judge(drawn(4)) }, /figures .* of other predictions/],
  [
    { title: 'a', predictions: drawn(3), figures: classFigures([1, 0], [0], ['a', 'b']) },
    /of other predictions/,
  ],
])('%o is refused', async (content, message) => {
  await expect(renderReport(content as { title: string })).rejects.toThrow(message);
});
