/** Sentences of the page Explain. */
export const explain = {
  intro:
    'Which parts of a photograph speak for a class, as the model sees it: those in light yellow the most.',
  photograph: 'Photograph',
  layer: 'Layer',
  suits: (layer: string) => `${layer} (suits best)`,
  opacity: (share: string) => `Opacity: ${share}`,
  looking: 'Looking…',
  says: (name: string, probability: string) => `${name}: ${probability}`,
  drawn: (photograph: string, name: string) => `${photograph}, coloured where the model sees ${name}`,
  save: 'Save as PNG',
  block: (stage: number, block: number) => `Stage ${stage}, block ${block}`,
  others: 'Classes side by side',
  show: 'Show',
  noAdvice:
    'It shows what the model goes by, not whether that is right. The brightness of two photographs’ maps cannot be compared. This is no medical advice.',
};
