/**
 * @file What a model found in one image, as programs read it.
 */

import { predictedClasses } from '../judge/class-metrics.ts';
import type { Prediction } from './inference.ts';
import { predictedClass } from './metrics.ts';

/** What was found in an image. */
export interface Finding {
  /** What the model gave: one number for two classes, else one per class. */
  readonly logits: number[];
  /** Of each class, by label. */
  readonly probabilities: number[];
  /** The label of the most probable class. */
  readonly class: number;
  /** Its name. */
  readonly label: string;
}

/** What was found in each image of a prediction, whose classes have these names; `class 0`, `class 1`, … without. */
export function findingsOf(
  { names, classDim, logits, probabilities }: Prediction,
  classes?: readonly string[],
): Finding[] {
  return names.map((_, i) => {
    const [from, to] = [i * classDim, (i + 1) * classDim];
    const row = probabilities.slice(from, to);
    const found = classDim === 1 ? predictedClass(row[0]!) : predictedClasses(row, classDim)[0]!;
    return {
      logits: [...logits.slice(from, to)],
      probabilities: classDim === 1 ? [1 - row[0]!, row[0]!] : [...row],
      class: found,
      label: classes?.[found] ?? `class ${found}`,
    };
  });
}
