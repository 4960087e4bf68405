import { counted } from './counted.ts';

/** Sentences of the laboratory, which speaks to engineers. */
export const laboratory = {
  intro:
    'How right and how fast fovea is on this adapter. It takes some two minutes; do not use the graphics processor for other things meanwhile.',
  machine: 'Card, driver, system',
  machineHint: 'Browsers tell little of it. It stands in the figures that you copy.',
  measure: 'Measure',
  quick: 'Only a little, to see that it works',
  stop: 'Stop',
  parts: {
    certificate: 'Verifying every op',
    gradients: 'Checking gradients',
    convolutions: 'Timing convolutions',
    steps: 'Timing training steps',
    tuning: 'Tuning',
  },
  copyJson: 'Copy as JSON',
  copyMarkdown: 'Copy as Markdown',
  copied: 'Copied.',
  notCopied: 'The browser does not allow copying here.',
  stopped: 'Stopped before all was measured.',
  notMeasured: (part: string) => `${part} was not possible.`,
  adapter: {
    title: 'Adapter',
    vendor: 'Vendor, architecture',
    computesOn: 'Computes on',
    cpu: 'the CPU',
    gpu: 'a GPU',
    features: 'Features',
    none: 'none',
    subgroups: 'Subgroups',
    lanes: (least: number, most: number) => (least === most ? `${most} lanes` : `${least} to ${most} lanes`),
    textures: 'Readable storage textures',
    notTold: 'not told',
    limits: 'Limits',
    choices: 'What fovea chose, and why',
    what: 'What',
    chosen: 'Chosen',
    why: 'Why',
  },
  certificate: {
    title: 'Certificate',
    passed: (checks: number) => `Passed: all ${checks} findings are within their bounds.`,
    failed: (checks: number) =>
      `Failed: ${counted(checks, 'finding is', 'findings are')} wrong. Please report them.`,
    struck: (names: string) => `Wrong here and not used: ${names}.`,
    name: 'Of what',
    error: 'Relative error',
    bound: 'At most',
    worst: 'The worst result',
    verdict: 'Verdict',
    right: 'right',
    wrong: 'wrong',
    all: 'All findings',
  },
  gradients: {
    title: 'Gradients against finite differences',
    chart: (ops: number, worst: string, error: string) =>
      `The largest error of each of ${counted(ops, 'op')} as a share of its largest gradient, on a logarithmic scale; the worst is ${worst} with ${error}.`,
    note: (tolerance: string) =>
      `Each bar is an op's largest error. The dashed line is the tolerance, ${tolerance}.`,
  },
  convolutions: {
    title: 'Convolutions of ResNet-50',
    ceiling: (gigaflops: string, by: 'timestamps' | 'clock') =>
      `Ceiling: ${gigaflops} GFLOP/s, of a kernel that loads nothing. Timed by ${by === 'clock' ? 'the clock' : 'timestamps'}.`,
    name: 'Name',
    geometry: 'Convolution',
    passes: { forward: 'Forward', backwardInput: 'By input', backwardWeight: 'By weight' },
    unit: 'GFLOP/s',
    share: (percent: string) => `${percent} of the ceiling`,
  },
  steps: {
    title: (layers: number, size: number, batch: number) =>
      `Training step: ResNet-${layers}, ${size} × ${size}, batch ${batch}`,
    summary: (step: string, javascript: string, dispatches: string, submits: string, memory: string) =>
      `${step} ms per step, of it ${javascript} ms JavaScript. ${dispatches} dispatches in ${submits} submits; ${memory} MiB at the peak.`,
    noTimestamps: 'The adapter has no timestamps, so that kernels cannot be timed one by one.',
    kernel: 'Kernel',
    dispatches: 'Dispatches',
    milliseconds: 'ms',
    share: 'Share',
  },
  tuning: {
    title: 'Tuning',
    summary: (before: string, after: string, decided: number, total: number, seconds: string) =>
      `${before} ms per step before, ${after} ms after. ${decided} of ${total} passes were measured in ${seconds} s. It was only tried: nothing was kept.`,
    unchanged: 'The heuristics had chosen best.',
    geometry: 'Convolution',
    pass: 'Pass',
    heuristic: 'Heuristics',
    tuned: 'Tuned',
    before: 'ms before',
    after: 'ms after',
  },
};
