/**
 * @file A model card: what a network is, what it was trained on, how well it does, and what it is not for, as Markdown.
 *
 * M. Mitchell et al., "Model cards for model reporting", FAT* 2019.
 */

import {
  ARRAY,
  checkOptions,
  isObject,
  listOf,
  OBJECT,
  type OptionRules,
  oneOf,
  type Rule,
  required,
  STRING,
} from '../arguments.ts';
import type { Judgement } from '../judge/judgement.ts';
import type { ModelConfig, TrainingSettings } from '../train/checkpoint.ts';
import { BEST_BY, type BestBy, type EpochReport } from '../train/progress.ts';
import { VERSION } from '../version.ts';
import { namesOf } from './content.ts';

/** A set of images that a training has used. */
export interface CardSet {
  /** What it was for: `training`. */
  readonly name: string;
  /** Of every image the class index. */
  readonly labels: readonly number[];
}

/** What {@link renderModelCard} takes. What is missing is left out. */
export interface ModelCardContent {
  /** The network and the images that it takes, as checkpoints have it. */
  readonly config: ModelConfig;
  /** The images that it was trained on and judged by. */
  readonly sets: readonly CardSet[];
  /** What decided the weights beside. */
  readonly settings?: TrainingSettings | undefined;
  /** The figures of the epoch whose checkpoint this is about. */
  readonly epoch?: EpochReport | undefined;
  /** What `judge` says of the validation after it, for intervals. */
  readonly judgement?: Judgement | undefined;
  /** What made it the best epoch. */
  readonly bestBy?: BestBy | undefined;
  /** The adapter that it was trained on. */
  readonly adapter?: string | undefined;
}

const SET: Rule = {
  holds: (value) =>
    isObject(value) && STRING.holds((value as CardSet).name) && ARRAY.holds((value as CardSet).labels),
  words: '{ name, labels }',
};
const CONTENT: OptionRules<ModelCardContent> = {
  config: required(OBJECT),
  sets: required(listOf(SET, 'an array of { name, labels }')),
  settings: OBJECT,
  epoch: OBJECT,
  judgement: OBJECT,
  bestBy: oneOf(...BEST_BY),
  adapter: STRING,
};

/** The card as Markdown. Throws 'invalid-argument' for content that is none. */
export function renderModelCard(content: ModelCardContent): string {
  checkOptions('renderModelCard', content, CONTENT);
  const { config, settings, adapter } = content;
  const names = namesOf(config.classes, config.classDim);
  const sections = [
    `# Model card: ResNet-${config.layers} for ${names.map(plain).join(', ')}`,
    section('The model', list(modelFacts(config, names))),
    section('Data', dataTable(content.sets, names)),
    section('Results', results(content)),
    section(
      'Training',
      list([...Object.entries(settings ?? {}), ...(adapter ? [['adapter', adapter] as const] : [])]),
    ),
    section('What it is not for', LIMITS),
    `Written by fovea ${VERSION}.`,
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

const LIMITS = `This is a research tool and no medical device. What it says is no medical advice, and no decision about a patient may rest on it.

The figures above hold for images like those of the validation: from the same cameras, of the same people, with the same share of each class.
They say nothing of other cameras, other people or other diseases. The best epoch was chosen by the validation, so that its figures are a
little better than those on new images will be. A probability is the network's own; whether it means what it says is in the calibration of
the report. Anything may be given to the network, and it will take it for one of its classes.`;

function modelFacts(config: ModelConfig, names: readonly string[]): (readonly [string, string])[] {
  const { layers, classDim, size, channelOrder, preprocessing = 'original' } = config;
  const order = channelOrder === 'bgr' ? 'blue, green, red' : 'red, green, blue';
  return [
    ['architecture', `ResNet-${layers}`],
    ['input', `photographs scaled to ${size} × ${size} pixels, ${order}, preprocessing \`${preprocessing}\``],
    [
      'output',
      classDim === 1
        ? `one logit, whose sigmoid is the probability of ${names[1]}`
        : `${classDim} logits, whose softmax are the probabilities of the classes`,
    ],
    ['classes', names.map((name, label) => `${label} ${name}`).join(', ')],
  ];
}

function dataTable(sets: readonly CardSet[], names: readonly string[]): string {
  if (sets.length === 0) return '';
  const rows = sets.map(({ name, labels }) => [
    name,
    labels.length,
    ...names.map((_, label) => labels.filter((other) => other === label).length),
  ]);
  return table(['set', 'images', ...names], rows);
}

function results({ epoch, judgement, bestBy }: ModelCardContent): string {
  if (!epoch) return '';
  const { loss, weightedAccuracy, auc } = epoch.validation;
  const half = judgement?.points.half;
  const rows: [string, string][] = [
    [
      'AUC',
      judgement
        ? `${figure(judgement.auc.value)} (${Math.round(100 * judgement.auc.confidence)} % interval ${figure(judgement.auc.low)} to ${figure(judgement.auc.high)})`
        : figure(auc),
    ],
    ['accuracy', figure(weightedAccuracy)],
    ['loss', figure(loss)],
  ];
  if (half)
    rows.push(
      [
        'sensitivity at 0.5',
        `${figure(half.sensitivity)} (${half.truePositives} of ${half.truePositives + half.falseNegatives})`,
      ],
      [
        'specificity at 0.5',
        `${figure(half.specificity)} (${half.trueNegatives} of ${half.trueNegatives + half.falsePositives})`,
      ],
    );
  const chosen = bestBy ? `, the best by ${bestBy === 'auc' ? 'AUC' : bestBy}` : '';
  return `On the validation set after epoch ${epoch.epoch + 1}${chosen}:\n\n${table(['figure', 'value'], rows)}`;
}

const figure = (value: number): string => (Number.isNaN(value) ? 'not defined' : value.toFixed(4));

const section = (title: string, text: string): string => (text === '' ? '' : `## ${title}\n\n${text}`);

const list = (entries: readonly (readonly [string, string | number])[]): string =>
  entries.map(([name, value]) => `- ${plain(name)}: ${plain(value)}`).join('\n');

function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.map(plain).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A text that Markdown takes for nothing else, in one line; names of classes come from folders. */
function plain(text: string | number): string {
  return String(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\|<>[\]*_#]/g, '\\$&');
}
