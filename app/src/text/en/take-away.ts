/** Sentences of the page Take away. */
export const takeAway = {
  intro: 'What was trained is yours, as files for other tools. Nothing is sent anywhere.',
  files: {
    checkpoint: {
      title: 'Checkpoint',
      use: 'For fovea on any computer: resume, evaluate, predict. Also opens on the page Use.',
    },
    onnx: {
      title: 'ONNX',
      use: 'For other programs, such as onnxruntime. It takes photographs as RGB bytes.',
    },
    report: {
      title: 'Report',
      use: 'A page with all figures, curves and the most wrong photographs. Give it only to those who may see these.',
    },
    reportWithoutPhotographs: {
      title: 'Report without photographs',
      use: 'The same with the names of their files only, to print or to pass on.',
    },
    modelCard: {
      title: 'Model card',
      use: 'What the model is, what it was trained on and what it is not for.',
    },
    metrics: { title: 'Figures', use: 'All figures of the page Judge, for programs (JSON).' },
  },
  save: 'Save',
  saveWhat: (title: string) => `Save: ${title}`,
  making: 'Making the file…',
  saved: (name: string) => `${name} is in your downloads.`,
};
