/** Sentences of the frame around all pages. */
export const shell = {
  tabs: {
    data: 'Data',
    train: 'Train',
    judge: 'Judge',
    explain: 'Explain',
    use: 'Use',
    takeAway: 'Take away',
    laboratory: 'Laboratory',
  },
  pages: 'Pages',
  skip: 'Skip to the page',
  privacy: 'Nothing leaves this device.',
  computesOn: (name: string) => `Computes on ${name}.`,
  software: 'Without a graphics processor, training is slow.',
  language: 'Language',
  theme: 'Colours',
  themes: { auto: 'As the system', light: 'Light', dark: 'Dark' },
  loading: 'Loading…',
  details: 'Details:',
  /** What classes are called here whose names the application gives. */
  classes: {} as Readonly<Record<string, string>>,
  again: 'Try again',
  yes: 'yes',
  no: 'no',
};

/** Sentences of the page that stands where there is no WebGPU. */
export const noWebGpu = {
  title: 'This browser cannot compute on the graphics processor',
  reason: 'Training needs WebGPU, which this browser does not offer here. These do:',
  browser: 'Browser',
  systems: 'On',
  rows: [
    ['Chrome or Edge 113 and later', 'Windows, macOS, ChromeOS; Android from 121'],
    ['Chrome or Edge 144 and later', 'Linux with an Intel GPU of the 12th generation or later'],
    ['Safari 26 and later', 'macOS 26, iOS 26, iPadOS 26, visionOS 26'],
    ['Firefox 141 and later', 'Windows; on Macs with Apple silicon from 145'],
  ] as readonly (readonly [string, string])[],
  insecure: 'This page was opened over an insecure address. Open it by https, or at localhost.',
  adapter: 'The browser says:',
};
