import { expect, test } from 'vitest';
import { judge } from '../../src/judge/judgement.ts';
import { type ModelCardContent, renderModelCard } from '../../src/report/model-card.ts';
import type { EpochReport } from '../../src/train/progress.ts';

const figures = { loss: 0.25, accuracy: 0.75, weightedAccuracy: 0.8 };
const epoch: EpochReport = {
  ...{ epoch: 2, step: 12, training: figures },
  validation: { ...figures, auc: 0.875 },
};
const content: ModelCardContent = {
  config: {
    layers: 18,
    classDim: 1,
    size: 64,
    channelOrder: 'bgr',
    classes: ['healthy', 'ill | "odd"\n# x'],
  },
  sets: [
    { name: 'training', labels: [0, 1, 1] },
    { name: 'validation', labels: [0, 0] },
  ],
  settings: { batch: 10, lr: 0.005 },
  ...{ epoch, bestBy: 'auc', adapter: 'a GPU' },
};

test('says what the network is, what it was trained on, and how well it does', () => {
  const card = renderModelCard(content);
  for (const text of [
    'ResNet-18',
    '64 × 64 pixels, blue, green, red',
    '| training | 3 | 1 | 2 |',
    '| validation | 2 | 2 | 0 |',
    'after epoch 3, the best by AUC',
    '| AUC | 0.8750 |',
    '- lr: 0.005',
    '- adapter: a GPU',
    'no medical advice',
  ])
    expect(card).toContain(text);
});

test('names stay names, in one line', () => {
  const card = renderModelCard(content);
  expect(card).toContain('ill \\| "odd" \\# x');
  expect(card.match(/^#.*$/gm)).toHaveLength(6);
});

test('a judgement adds intervals and counts', () => {
  const judgement = judge({ names: ['a', 'b', 'c', 'd'], labels: [0, 0, 1, 1], logits: [-2, 1, 2, 3] });
  const card = renderModelCard({ ...content, judgement });
  expect(card).toMatch(/\| AUC \| 1\.0000 \(95 % interval [\d.]+ to 1\.0000\) \|/);
  expect(card).toContain('| sensitivity at 0.5 | 1.0000 (2 of 2) |');
  expect(card).toContain('| specificity at 0.5 | 0.5000 (1 of 2) |');
});

test('what is missing is left out', () => {
  const { config } = content;
  const card = renderModelCard({ config: { ...config, classDim: 3, classes: undefined }, sets: [] });
  expect(card).toContain('3 logits, whose softmax');
  expect(card).toContain('0 class 0, 1 class 1, 2 class 2');
  expect(card).not.toMatch(/## (Data|Results|Training)/);
});
