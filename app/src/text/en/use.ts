import { counted } from './counted.ts';

/** Sentences of the page Use. */
export const use = {
  intro: 'Show the model a new photograph, and it tells at once what it takes it for.',
  noAdvice:
    'This is a research tool and no medical device. What it says is no medical advice: no decision about a patient may rest on it.',
  model: 'Model',
  none: 'No model is chosen yet.',
  chosen: (from: string, layers: number, size: number, classes: number) =>
    `${from}: ResNet-${layers} for photographs of ${size} × ${size} pixels, ${counted(classes, 'class', 'classes')}.`,
  assumed: (size: number) =>
    `The file says neither what photographs the model was made for nor what its classes are called. ${size} × ${size} pixels are assumed.`,
  unnamed: (label: number) => `class ${label}`,
  useTrained: 'Take the trained model',
  useFile: 'Open a file (.safetensors, .pdparams, .pth)',
  loading: 'Loading the model…',
  looking: 'Looking…',
  photographs: 'Photographs',
  choose: 'Choose photographs',
  camera: 'Take a photograph',
  drop: 'Or drop them here.',
  coloured: 'Colour what speaks for it',
  says: (name: string, probability: string) => `Takes it for ${name} (${probability})`,
};
