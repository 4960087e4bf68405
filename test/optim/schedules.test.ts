import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CosineDecay } from '../../src/optim/cosine-decay.ts';
import { OneCycle } from '../../src/optim/one-cycle.ts';
import { ReduceOnPlateau } from '../../src/optim/reduce-on-plateau.ts';
import type { Schedule } from '../../src/optim/schedule.ts';
import { SGD } from '../../src/optim/sgd.ts';
import { StepDecay } from '../../src/optim/step-decay.ts';
import { WarmUp } from '../../src/optim/warm-up.ts';
import { initialParameters } from './pytorch.ts';

const FIXTURE: Record<string, number[]> = JSON.parse(
  readFileSync(new URL('fixtures/schedules.json', import.meta.url), 'utf8'),
);
const FIGURES = FIXTURE.figures!;

const plateau = () => new ReduceOnPlateau({ initial: 0.5, factor: 0.5, patience: 2, cooldown: 2, end: 0.1 });
const maximum = () =>
  new ReduceOnPlateau({ initial: 0.5, mode: 'max', patience: 1, threshold: 0.1, end: 1e-3 });

/** The rates of all steps, each followed by a figure. */
function ratesOf(schedule: Schedule, figures: readonly number[] = FIGURES): number[] {
  return figures.map((figure, step) => {
    const rate = schedule.at(step);
    schedule.observe?.(figure);
    return rate;
  });
}

describe("rates as PyTorch's", () => {
  test.each<[string, Schedule, number[]?]>([
    ['stepDecay', new StepDecay({ initial: 0.5, every: 5, factor: 0.3 })],
    ['cosineDecay', new CosineDecay({ initial: 0.5, steps: 23, end: 0.1 })],
    ['warmUp', new WarmUp({ steps: 4, start: 0.1, schedule: new StepDecay({ initial: 0.5, every: 3 }) })],
    ['oneCycle', new OneCycle({ peak: 2, steps: 24 })],
    [
      'oneCycleLinear',
      new OneCycle({ peak: 2, steps: 24, warmUp: 0.4, shape: 'linear', divide: 10, finalDivide: 100 }),
    ],
    ['reduceOnPlateau', plateau()],
    ['reduceOnPlateauMax', maximum(), FIGURES.map((figure) => 10 - figure)],
  ])('%s', (name, schedule, figures) => {
    const expected = FIXTURE[name]!;
    const rates = ratesOf(schedule, figures);
    expect(new Set(expected).size).toBeGreaterThan(2);
    expected.forEach((rate, step) => {
      expect(rates[step], `step ${step}`).toBeCloseTo(rate, 10);
    });
  });
});

test('after their last step schedules stay where they are', () => {
  expect(new CosineDecay({ initial: 1, steps: 10, end: 0.1 }).at(1000)).toBeCloseTo(0.1, 12);
  const cycle = new OneCycle({ peak: 1, steps: 10, divide: 2, finalDivide: 5 });
  expect(cycle.at(9)).toBeCloseTo(0.1, 12);
  expect(cycle.at(1000)).toBe(cycle.at(9));
  for (const warmUp of [0, 0.5, 1])
    for (const steps of [1, 2, 3])
      for (let step = 0; step < 5; step++) {
        const rate = new OneCycle({ peak: 1, steps, warmUp }).at(step);
        expect(rate, `${warmUp} ${steps} ${step}`).toBeGreaterThan(0);
        expect(rate).toBeLessThanOrEqual(1);
      }
});

test('what a schedule remembers is in the state of its optimizer, once for all of its groups', async () => {
  const [weight, bias] = await initialParameters();
  const make = () => {
    const learningRate = new WarmUp({ steps: 2, schedule: plateau() });
    const groups = [{ parameters: [weight!] }, { parameters: [bias!] }];
    return new SGD({ parameters: groups, learningRate });
  };
  const whole = make();
  const expected = FIGURES.map((figure) => {
    whole.step();
    whole.observe(figure);
    return whole.learningRate;
  });
  whole.dispose();
  let optimizer = make();
  const rates: number[] = [];
  for (const [i, figure] of FIGURES.entries()) {
    if (i % 5 === 4) {
      const state = await optimizer.stateDict();
      expect(state.schedules).toHaveLength(1);
      optimizer.dispose();
      optimizer = make();
      optimizer.loadStateDict(state);
    }
    optimizer.step();
    optimizer.observe(figure);
    rates.push(optimizer.learningRate);
  }
  expect(rates).toEqual(expected);
  expect(new Set(rates).size).toBeGreaterThan(3);
  const state = await optimizer.stateDict();
  optimizer.dispose();
  const plain = new SGD({ parameters: [weight!, bias!], learningRate: 0.1 });
  expect(() => plain.loadStateDict(state)).toThrow(/has 1 schedules that remember .*, but the optimizer 0/);
  plain.dispose();
});

test('figures that are no number do not improve', () => {
  const schedule = new ReduceOnPlateau({ initial: 1, patience: 0 });
  schedule.observe(Number.NaN);
  expect(schedule.at()).toBeCloseTo(0.1, 12);
  schedule.observe(3);
  schedule.observe(Number.NaN);
  expect(schedule.at()).toBeCloseTo(0.01, 12);
});

test.each<[() => Schedule, RegExp]>([
  [() => new StepDecay({ initial: 1, every: 0 }), /every of StepDecay is 0/],
  [() => new CosineDecay({ initial: -1, steps: 3 }), /initial of CosineDecay is -1/],
  [() => new CosineDecay({ initial: 1, steps: 0 }), /steps of CosineDecay is 0/],
  [() => new WarmUp({ steps: 2, schedule: Number.NaN }), /schedule of WarmUp is NaN: .* or a Schedule/],
  [() => new OneCycle({ peak: 1, steps: 2, warmUp: 2 }), /warmUp of OneCycle is 2/],
  [() => new ReduceOnPlateau({ initial: 1, factor: 1 }), /factor of ReduceOnPlateau is 1/],
])('%s is refused', (make, message) => {
  expect(make).toThrow(message);
});
