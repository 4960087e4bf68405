import type { FailureKind } from '../../engine/failure.ts';

const unexpected =
  'Something went wrong that should not have. Open this page again; if it happens again, please report what stands below.';

/** What to do where something failed. What exactly failed stands below it, in the library's words. */
export const failures: Readonly<Record<FailureKind, string>> = {
  'no-adapter':
    'The browser gives no access to a graphics processor. Turn on hardware acceleration in its settings, or update it, then open this page again.',
  'untrustworthy-adapter':
    'The graphics processor computes wrongly, so that no result could be trusted. Update its driver and the browser, or use another computer.',
  'device-lost':
    'The connection to the graphics processor was lost and did not come back. Close other programs that use it, then open this page again: a training can be resumed on the page Train.',
  'out-of-memory':
    'The graphics processor has not enough memory. Choose fewer photographs per step, smaller images or fewer layers.',
  unsupported:
    'This is too much for the graphics processor. Choose fewer photographs per step, smaller images or fewer layers.',
  'not-finite': 'The model’s numbers grew beyond all bounds. Train again with a lower learning rate.',
  'bad-file':
    'A file cannot be read: it is damaged, or it was changed or moved since it was chosen. Choose it again.',
  'bad-data': 'What was given does not fit together. What does not fit stands below.',
  'in-use': 'Another tab is working on the same. Close it, then try again.',
  'invalid-argument': unexpected,
  'shape-mismatch': unexpected,
  'dtype-mismatch': unexpected,
  validation: unexpected,
  disposed: unexpected,
  unknown: unexpected,
  crashed:
    'The part of this page that computes has ended, most likely for lack of memory. Open this page again: a training can be resumed on the page Train.',
  noRoom: 'The browser has no more room for this site. Free some of the disk, then try again.',
  noData: 'There are no photographs yet. Choose some on the page Data.',
  noTraining: 'There is no trained model yet. Train one on the page Train.',
  noModel: 'No model is chosen yet. Choose one above.',
  noPhotograph: 'This photograph is not there any more. Choose the photographs again on the page Data.',
  allDamaged: 'None of the photographs can be read. Choose others on the page Data.',
  classFolders:
    'The classes could not be told from folders. Put the photographs of each class into a folder that bears its name, at least two of them into each of at least two folders, and choose the folder around these. Or add a table of files and classes.',
  classTable:
    'The classes could not be told from the table. Its first row must name a column of files and a column of classes; each further row is a photograph. Say below what these columns are called.',
  classNames:
    'The classes could not be told from the names of the files. Names must begin with H or N (not pathologic) or P (pathologic); for those that begin with V, a table must give the class.',
  weights:
    'This file cannot be used. It must hold the weights of a ResNet with 18, 34, 50, 101 or 152 layers: a checkpoint from the page Take away, or a file of Paddle or PyTorch.',
  photograph: 'This file cannot be shown as a photograph. Choose a JPEG or PNG file.',
  keptTraining: 'The training that was kept cannot be read any more. Forget it, and train again.',
  bestGone:
    'The model of the best round is not kept any more: another tab trained meanwhile. Take the model of the last step.',
  otherPhotographs:
    'These are not the photographs that the training began with. Choose the same ones on the page Data, or forget the training.',
};
