/** Sentences of the page Explain. */
export const explain = {
  intro: 'Where in a photograph the model sees what it says: light yellow is where the most speaks for it.',
  photograph: 'Photograph',
  layer: 'Layer',
  suits: (layer: string) => `${layer} (suits best)`,
  opacity: (share: string) => `Opacity: ${share}`,
  looking: 'Looking…',
  says: (name: string, probability: string) => `${name}: ${probability}`,
  drawn: (photograph: string, name: string) => `${photograph}, coloured where the model sees ${name}`,
  save: 'Save as PNG',
  others: 'Side by side',
  show: 'Show',
  noAdvice:
    'It shows what the model looks at, not whether that is right. Maps of two photographs cannot be compared. This is no medical advice.',
};
