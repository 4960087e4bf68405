/**
 * @file The section on the photographs that were taken for something else, and which those are.
 */

import {
  checkArgument,
  checkProperties,
  FLOATS,
  listOf,
  type OptionRules,
  required,
  STRING,
  whole,
} from '../arguments.ts';
import { counted } from '../counted.ts';
import { check } from '../errors.ts';
import { dataAddress, type Html, html } from '../html.ts';
import { predictedClasses } from '../judge/class-metrics.ts';
import { predictedClass } from '../train/metrics.ts';
import type { Mistake, ReportedPredictions } from './content.ts';
import { percent } from './html.ts';

const MOST = whole(0);
const PREDICTIONS: OptionRules<ReportedPredictions> = {
  names: required(listOf(STRING, 'an array of names')),
  labels: required(FLOATS),
  classDim: required(whole(1)),
  logits: required(FLOATS),
  probabilities: required(FLOATS),
};

/**
 * The photographs that were taken for another class than they are of, the surest first: at most `most`. Throws 'invalid-argument' for
 * malformed predictions, 'shape-mismatch' where there are not as many labels or probabilities as the names need.
 */
export function worstMistakes(predictions: ReportedPredictions, most = 12): Mistake[] {
  checkProperties('the predictions of worstMistakes', predictions, PREDICTIONS);
  checkArgument('the most of worstMistakes', most, MOST);
  const { names, labels, classDim, probabilities } = predictions;
  check(
    labels.length === names.length && probabilities.length === names.length * classDim,
    'shape-mismatch',
    () =>
      `worstMistakes: ${counted(names.length, 'name')}, but ${counted(labels.length, 'label')} and ${counted(probabilities.length, 'probability', 'probabilities')}, ${classDim} per name.`,
  );
  const mistakes = names.map((name, i): Mistake => {
    const row = probabilities.subarray(i * classDim, (i + 1) * classDim);
    const predicted = classDim === 1 ? predictedClass(row[0]!) : predictedClasses(row, classDim)[0]!;
    const probability = classDim === 1 ? (predicted === 1 ? row[0]! : 1 - row[0]!) : row[predicted]!;
    return { name, label: labels[i]!, predicted, probability };
  });
  return mistakes
    .filter(({ label, predicted }) => label !== predicted)
    .sort((a, b) => b.probability - a.probability)
    .slice(0, most);
}

/** The photographs, with what they are and what they were taken for. */
export function mistakesSection(mistakes: readonly Mistake[], names: readonly string[]): Html {
  const pictures = mistakes.some(({ photograph }) => photograph !== undefined);
  const maps = mistakes.some(({ map }) => map !== undefined);
  return html`<section><h2>Where it was most wrong</h2>
${mistakes.length === 0 ? html`<p>No photograph was taken for another class.</p>` : undefined}
${pictures ? html`<p class="warning">These are photographs of patients, stored in this file. Pass it on only to those who may see them.</p>` : undefined}
<div class="photographs">${mistakes.map((mistake) => card(mistake, names))}</div>
${maps ? html`<p class="note">Beside each photograph, as the network sees it, Grad-CAM: yellow is what spoke most for the class that it was taken for; what keeps its colours did not.</p>` : undefined}</section>`;
}

function card({ name, label, predicted, probability, photograph, map }: Mistake, names: readonly string[]) {
  const image = (bytes: Uint8Array | undefined, what: string) =>
    bytes && html`<img src="${addressOf(bytes)}" alt="${what}">`;
  return html`<div class="photograph">
${photograph ? html`<div class="pair">${image(photograph, `photograph ${name}`)}${image(map, 'what spoke for the prediction')}</div>` : undefined}
<b>${name}</b>is ${names[label]}, taken for ${names[predicted]} with a probability of ${percent(probability)}
</div>`;
}

/** The bytes of a PNG or JPEG as an address. */
const addressOf = (bytes: Uint8Array) => dataAddress(bytes[0] === 0x89 ? 'image/png' : 'image/jpeg', bytes);
