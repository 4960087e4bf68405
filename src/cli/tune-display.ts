/**
 * @file Shows how tuning goes: a line for each pass, and on a terminal what is being measured below them.
 */

import { MultiBar, type SingleBar } from 'cli-progress';
import { describeConvolution } from '../shape/conv2d.ts';
import type { TuneProgress } from '../tune/tune.ts';
import { type TunedPass, timeOf } from '../tune/tune-pass.ts';
import { duration, print } from './output.ts';
import { printable } from './printable.ts';

/** The display of one tuning. */
export class TuneDisplay {
  #bars: MultiBar | undefined;
  #bar: SingleBar | undefined;

  /** Shows what is about to be measured. */
  progress({ pass, geometry, algorithm, done, total, seconds }: TuneProgress): void {
    if (!process.stdout.isTTY) return;
    this.#bars ??= new MultiBar({ format: '{bar} {value}/{total}  {what}', barsize: 24, hideCursor: true });
    this.#bar ??= this.#bars.create(total, 0, { what: '' });
    const what = `${duration(seconds)}  ${describeConvolution(geometry)} ${pass}: ${algorithm}`;
    this.#bar.update(done, { what });
  }

  /** Shows what was found for a pass. */
  pass(tuned: TunedPass, done: number, total: number): void {
    const line = `${done}/${total}  ${passLine(tuned)}`;
    if (this.#bars) this.#bars.log(`${printable(line)}\n`);
    else print(line);
  }

  /** Ends the display. */
  stop(): void {
    this.#bars?.stop();
  }
}

/** What was found for a pass, the fastest first. */
function passLine({ pass, geometry, heuristic, chosen, candidates }: TunedPass): string {
  const times = candidates
    .toSorted((a, b) => timeOf(a) - timeOf(b))
    .map(({ algorithm, milliseconds, interval, error }) =>
      milliseconds === undefined || interval === undefined
        ? `${algorithm} wrong, relative error ${error.toExponential(1)}`
        : `${algorithm} ${milliseconds.toPrecision(3)} ms (${interval.map((ms) => ms.toPrecision(3)).join('–')})`,
    );
  const instead = chosen === heuristic ? '' : ` instead of ${heuristic}`;
  return `${describeConvolution(geometry)} ${pass}: ${chosen}${instead} (${times.join(', ')})`;
}
