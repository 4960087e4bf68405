import { counted } from './counted.ts';

/** Sentences of the page Judge, and of all that need a trained model. */
export const judge = {
  noTraining: 'There is no trained model yet.',
  isTraining: 'The model is being trained. Pause the training to look at it.',
  toTrain: 'To the page Train',
  judging: 'Looking at the photographs it was not trained on…',
  about: (photographs: number, step: number) =>
    `What the model says of ${counted(photographs, 'photograph')} that it was not trained on, after ${counted(step, 'step')}.`,
  flattered:
    'They chose this round as the best, so its figures here are a little better than on new photographs.',
  auc: (value: string, low: string, high: string) =>
    `Area under the ROC curve: ${value} (95% interval ${low} to ${high}). 1 is perfect, 0.5 is guessing.`,
  threshold: 'Threshold',
  thresholdOf: (name: string, value: string) => `Counts as ${name} from a probability of ${value}`,
  half: 'One half',
  youden: 'Best balance (Youden)',
  wanted: (share: string) => `Sensitivity ${share}`,
  sensitivity: 'Sensitivity',
  specificity: 'Specificity',
  precision: 'Positive predictive value',
  negativePredictiveValue: 'Negative predictive value',
  accuracy: 'Accuracy',
  f1: 'F1',
  aucName: 'AUC',
  confusion: 'Confusion matrix',
  predictedAs: (name: string) => `taken for ${name}`,
  isA: (name: string) => `is ${name}`,
  curves: 'Curves',
  roc: 'ROC curve',
  rocDescription: (auc: string, sensitivity: string, specificity: string) =>
    `ROC curve with an area of ${auc}. The threshold lies at a sensitivity of ${sensitivity} and a specificity of ${specificity}.`,
  falseAlarms: '1 − specificity',
  calibration: 'Calibration',
  calibrationSummary: (error: string, brier: string) =>
    `Probabilities are off by ${error} on average (expected calibration error); Brier score ${brier}.`,
  saidProbability: 'Probability that the model gave',
  frequency: 'How often that was right',
  subgroups: 'By group',
  subgroupsNote: 'The group stands in the photographs’ names. At a threshold of one half.',
  group: 'Group',
  count: 'Photographs',
  byClass: 'By class',
  className: 'Class',
  severalSummary: (accuracy: string, auc: string) =>
    `${accuracy} are right. Mean area under the ROC curves, each class against all others: ${auc}.`,
  mistakes: 'The most wrong photographs',
  noMistakes: 'None is wrong at this threshold.',
  mistakesNote: (count: number) =>
    `${counted(count, 'is', 'are')} wrong; first those that the model was surest of.`,
  wrong: (label: string, predicted: string, probability: string) =>
    `Is ${label} (given ${probability}), taken for ${predicted}.`,
  explain: 'Explain',
  noAdvice:
    'These figures hold for photographs like these. This is a research tool and no medical device; nothing here is medical advice.',
};
