/**
 * @file Where the time of some work goes: a table by kernel, and a trace of every dispatch.
 */

import { checkArgument, instanceOf, type Rule } from '../arguments.ts';
import { count, textTable } from '../text-table.ts';
import { Device } from './device.ts';
import type { KernelEvent, KernelTime } from './profiler.ts';

/** What {@link profile} measured; as a string, and where Node prints it, a table of the kernels. */
export interface Profile {
  /** By kernel, the longest first. */
  readonly kernels: readonly KernelTime[];
  /** Every dispatch, in order. */
  readonly events: readonly KernelEvent[];
  /** The sum over all dispatches. */
  readonly milliseconds: number;
  /** The text of a file for chrome://tracing or https://ui.perfetto.dev. */
  chromeTrace(): string;
  /** The table. */
  toString(): string;
}

const DEVICE: Rule = instanceOf(Device, 'a Device, as createDevice() resolves to');

/**
 * Runs `work`, which may be asynchronous, with every dispatch between two timestamp queries, which cost the device some
 * microseconds per dispatch. Profile a second run: the first one compiles.
 *
 *     const result = await profile(device, () => trainStep(model, optimizer, batch));
 *     console.log(String(result));
 *     await writeFile('trace.json', result.chromeTrace());
 *
 * Throws 'unsupported', naming the adapter, where that has no timestamp queries; `device.time(work)` measures without.
 */
export async function profile(device: Device, work: () => unknown): Promise<Profile> {
  checkArgument('the device of profile', device, DEVICE);
  const events = await device.trace(work);
  const kernels = timesOf(events);
  const milliseconds = kernels.reduce((sum, kernel) => sum + kernel.milliseconds, 0);
  const table = () => tableOf(kernels, milliseconds);
  const result = {
    kernels,
    events,
    milliseconds,
    chromeTrace: () => traceOf(device, events),
    toString: table,
  };
  Object.defineProperty(result, Symbol.for('nodejs.util.inspect.custom'), { value: table });
  return result;
}

function timesOf(events: readonly KernelEvent[]): KernelTime[] {
  const times = new Map<string, { name: string; dispatches: number; milliseconds: number }>();
  for (const { name, milliseconds } of events) {
    const time = times.get(name) ?? { name, dispatches: 0, milliseconds: 0 };
    time.dispatches++;
    time.milliseconds += milliseconds;
    times.set(name, time);
  }
  return [...times.values()].sort((a, b) => b.milliseconds - a.milliseconds);
}

function tableOf(kernels: readonly KernelTime[], total: number): string {
  const row = (name: string, dispatches: number, milliseconds: number) => {
    const share = total > 0 ? (100 * milliseconds) / total : 0;
    return [name, count(dispatches), milliseconds.toFixed(3), `${share.toFixed(1)} %`];
  };
  const rows = kernels.map(({ name, dispatches, milliseconds }) => row(name, dispatches, milliseconds));
  const dispatches = kernels.reduce((sum, kernel) => sum + kernel.dispatches, 0);
  return textTable(['kernel', 'dispatches', 'ms', 'share'], [...rows, row('in all', dispatches, total)], {
    numbers: [1, 2, 3],
    totals: 1,
  });
}

/** Complete events ("ph": "X") of the Trace Event Format, in microseconds from the first. */
function traceOf({ info }: Device, events: readonly KernelEvent[]): string {
  const beginning = events[0]?.start ?? 0;
  const place = { pid: 1, tid: 1 };
  return JSON.stringify({
    traceEvents: [
      { name: 'process_name', ph: 'M', ...place, args: { name: info.name } },
      ...events.map(({ name, start, milliseconds }) => ({
        name,
        cat: 'kernel',
        ph: 'X',
        ts: (start - beginning) * 1000,
        dur: milliseconds * 1000,
        ...place,
      })),
    ],
    displayTimeUnit: 'ms',
  });
}
