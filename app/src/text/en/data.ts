import type { RowProblemKind } from 'fovea';
import { counted } from './counted.ts';

/** Sentences of the page Data. */
export const data = {
  intro:
    'Choose the photographs to learn from. They are read here, in this tab: folders, zip archives or single images, with a table of classes if there is one.',
  drop: 'Drop folders, zip archives, images or tables here',
  files: 'Choose files',
  folder: 'Choose a folder',
  draw: (count: number) => `Draw ${counted(count, 'photograph')}`,
  drawHint: 'No photographs at hand? Some can be drawn, to try everything on.',
  drawing: (done: number, all: number) => `Drawing: ${done} of ${all}`,
  reading: 'Reading…',
  clear: 'Remove all',
  layout: 'Classes come from',
  layouts: {
    auto: 'Automatic',
    original: 'Names of files (H, N, P) and a table for V',
    table: 'A table of files and classes',
    folders: 'A folder for each class',
  },
  nameColumn: 'Column of files',
  classColumn: 'Column of classes',
  reread: 'Read again',
  counts: 'Photographs by class',
  class: 'Class',
  all: 'All',
  sets: { training: 'to train on', validation: 'to validate on' },
  lacking: {
    training: (classes: string) =>
      `There is no photograph to train on of: ${classes}. The model cannot learn what it never sees: add some.`,
    validation: (classes: string) =>
      `There is no photograph to validate on of: ${classes}. How well the model tells it apart will not be known.`,
  },
  set: 'Show photographs',
  setAside: 'There are no photographs to validate on, so a fifth of each class is set aside for it.',
  passedOver: (count: number) => `${counted(count, 'file was', 'files were')} passed over`,
  passedOverWhy: 'They are not photographs of this data set.',
  unlabelled: (count: number) => `${counted(count, 'photograph has', 'photographs have')} no class`,
  unlabelledWhy: 'Nothing says what they show, so they are left out.',
  duplicates: (count: number) => `${counted(count, 'photograph is', 'photographs are')} there more than once`,
  duplicatesAcross: (count: number) =>
    `${counted(count, 'of them lies', 'of them lie')} in both sets: the validation will be better than the model is. Remove from one what is in both.`,
  problems: 'The table has mistakes',
  problemsWhy: 'Correct these rows, then choose the files again.',
  row: 'Row',
  problem: 'What is wrong',
  rowProblems: {
    'no-file': () => 'names no file',
    'no-class': (given: string) => `${given} has no class`,
    'no-image': (given: string) => `there is no photograph ${given}`,
    ambiguous: (given: string) => `${given} may be any of several photographs: write its path`,
    repeated: (given: string) => `${given} stands in an earlier row already`,
  } satisfies Readonly<Record<RowProblemKind, (given: string) => string>>,
  more: 'Show more',
  check: 'Look for damaged photographs',
  checking: (done: number, all: number) => `Looked at ${done} of ${all}`,
  sound: 'Every photograph can be read.',
  damaged: (count: number) =>
    `${counted(count, 'photograph is', 'photographs are')} damaged and will be left out`,
  unreadable: 'cannot be shown',
  next: 'Go on to Train',
};
