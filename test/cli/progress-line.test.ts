import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { ProgressDisplay } from '../../src/cli/progress-display.ts';
import { progressLine } from '../../src/cli/progress-line.ts';

const FIGURES = {
  ...{ step: 390, steps: 400, epoch: 10, epochs: 10, loss: 0.12345, learningRate: 0.0012345 },
  ...{ imagesPerSecond: 12.34, secondsLeft: 3723 },
};
const HUGE = {
  ...FIGURES,
  step: 1234567,
  steps: 9999999,
  epoch: 1234,
  epochs: 9999,
  imagesPerSecond: 12345.6,
};

afterEach(() => {
  vi.restoreAllMocks();
});

test('shows all of it on a wide terminal, and less on narrower ones', () => {
  expect(progressLine(FIGURES, 120)).toBe(
    '███████████████████████░ 390/400  epoch 10/10  loss 0.1235  rate 0.00123  12.3 images/s  1:02:03 left',
  );
  expect(progressLine(FIGURES, 80)).toBe(
    '390/400  epoch 10/10  loss 0.1235  rate 0.00123  12.3 images/s  1:02:03 left',
  );
  expect(progressLine(FIGURES, 60)).toBe('███████████ 390/400  epoch 10/10  loss 0.1235  1:02:03 left');
  expect(progressLine(FIGURES, 40)).toBe('390/400  loss 0.1235  1:02:03 left');
  expect(progressLine(FIGURES, 24)).toBe('390/400  loss 0.1235');
  expect(progressLine(FIGURES, 10)).toBe('390/400');
});

test('is shorter than the terminal is wide, whatever the figures', () => {
  for (const figures of [
    FIGURES,
    HUGE,
    { ...FIGURES, loss: Number.NaN, secondsLeft: Number.POSITIVE_INFINITY },
  ]) {
    for (let columns = 0; columns <= 200; columns++) {
      expect([...progressLine(figures, columns)].length).toBeLessThan(Math.max(1, columns));
    }
  }
});

test.each([30, 80])('on a terminal of %i columns the display writes no longer line', (columns) => {
  const written: string[] = [];
  const { isTTY, columns: before } = process.stdout;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  Object.assign(process.stdout, { isTTY: true, columns, cursorTo: () => true, clearLine: () => true });
  Object.assign(process.stdout, { moveCursor: () => true, clearScreenDown: () => true });
  try {
    const display = new ProgressDisplay({ firstStep: 0, steps: 400, epochs: 10 });
    const report = { epoch: 0, batch: 0, samples: 10, loss: 0.5, accuracy: 0.5, learningRate: 0.005 };
    for (let step = 1; step <= 20; step++) display.step({ ...report, step });
    display.stop();
  } finally {
    Object.assign(process.stdout, { isTTY, columns: before });
  }
  const lines = stripVTControlCharacters(written.join('')).split(/[\r\n]/);
  expect(lines.some((line) => line.includes('20/400'))).toBe(true);
  expect(lines.filter((line) => line.length >= columns)).toEqual([]);
});
