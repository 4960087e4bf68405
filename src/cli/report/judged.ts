/**
 * @file A report's content with what its predictions come to.
 */

import type { ReportContent } from '../../report/content.ts';
import { figuresOf } from '../../report/figures.ts';
import { worstMistakes } from '../../report/mistakes.ts';

/** `content` with the names of the classes, the figures and the mistakes of its predictions, if it has any. */
export function judged<Content extends ReportContent>(content: Content, classes: readonly string[]): Content {
  const { predictions, sensitivity } = content;
  if (!predictions) return content;
  const figures = figuresOf(predictions, classes, sensitivity);
  return { ...content, classes, figures, mistakes: worstMistakes(predictions) };
}
