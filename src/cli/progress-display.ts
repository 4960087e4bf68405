/**
 * @file Shows how a training goes: a bar on a terminal, a line per step elsewhere.
 */

import { MultiBar, type SingleBar } from 'cli-progress';
import type { StepReport } from '../train/fit-options.ts';
import { print } from './output.ts';
import { printable } from './printable.ts';
import { type ProgressFigures, progressLine, progressParts } from './progress-line.ts';

/** The size of what is shown. */
export interface ProgressSize {
  /** Steps done before. */
  readonly firstStep: number;
  /** Steps in all. */
  readonly steps: number;
  readonly epochs: number;
}

/** What the bar is given. */
interface Payload {
  readonly figures?: ProgressFigures;
}

/** The display of one training. */
export class ProgressDisplay {
  readonly #size: ProgressSize;
  readonly #bars: MultiBar | undefined;
  readonly #bar: SingleBar | undefined;
  readonly #started = performance.now();
  #samples = 0;

  constructor(size: ProgressSize) {
    this.#size = size;
    if (!process.stdout.isTTY) return;
    this.#bars = new MultiBar({
      format: (_options, _parameters, { figures }: Payload) =>
        figures ? progressLine(figures, process.stdout.columns) : '',
      stream: process.stdout,
      hideCursor: true,
    });
    this.#bar = this.#bars.create(size.steps, size.firstStep, {});
  }

  /** Shows a step. */
  step(report: StepReport): void {
    this.#samples += report.samples;
    const figures = this.#figures(report);
    if (this.#bar) this.#bar.update(report.step, { figures });
    else print(`step ${progressParts(figures).join('  ')}`);
  }

  /** Writes a line, above the bar where there is one. */
  line(text: string): void {
    if (this.#bars) this.#bars.log(`${printable(text)}\n`);
    else print(text);
  }

  /** Ends the display. */
  stop(): void {
    this.#bars?.stop();
  }

  #figures({ step, epoch, loss, learningRate }: StepReport): ProgressFigures {
    const { firstStep, steps, epochs } = this.#size;
    const seconds = (performance.now() - this.#started) / 1000;
    return {
      ...{ step, steps, epochs, loss, learningRate },
      epoch: epoch + 1,
      imagesPerSecond: this.#samples / seconds,
      secondsLeft: (seconds / (step - firstStep)) * (steps - step),
    };
  }
}
