/**
 * @file `fovea laboratory`
 */

import { cpus } from 'node:os';
import { Command } from 'commander';
import type { AdapterKind } from '../device/adapter-source.ts';
import { nodeAdapters } from '../device/node/adapters.ts';
import type { FigurePart } from '../laboratory/figures.ts';
import { adapterFiguresMarkdown } from '../laboratory/markdown.ts';
import { measureAdapter } from '../laboratory/measure-adapter.ts';
import { openDevice } from '../tensor/open-device.ts';
import { adapter } from './arguments.ts';
import { listenForInterrupt } from './interrupt.ts';
import { print, warn } from './output.ts';

interface Options {
  readonly adapter: AdapterKind;
  readonly json?: boolean;
  readonly quick?: boolean;
  readonly machine?: string;
}

/** What each part is about. */
const WORDS: Readonly<Record<FigurePart, string>> = {
  certificate: 'Verifying every op and every algorithm for convolutions',
  gradients: 'Comparing the gradients of every op with finite differences',
  convolutions: 'Timing the convolutions of ResNet-50',
  steps: 'Timing training steps',
  tuning: 'Tuning, to see what it gains',
};

/** The command `laboratory`. */
export const laboratoryCommand = new Command('laboratory')
  .alias('benchmark')
  .description('measure how right and how fast fovea is on this adapter; takes some two minutes')
  .option('--adapter <kind>', 'auto, hardware or software', adapter, 'auto')
  .option('--json', 'print one JSON object instead of Markdown: what docs/gpus/ takes')
  .option('--quick', 'measure only a little, to see that it works')
  .option('--machine <words>', 'the card, its driver, the processor (default: the processor)')
  .action(async (options: Options) => {
    const { json, quick = false, machine = processor() } = options;
    const device = await openDevice(nodeAdapters, { adapter: options.adapter, onWarning: () => {} }); // the certificate says it
    const interrupt = listenForInterrupt((signal) => {
      warn(`${signal}: stopping; what was measured is printed. A second signal stops at once.`);
    });
    let begun: FigurePart | undefined;
    try {
      const figures = await measureAdapter(device, {
        ...{ quick, machine, signal: interrupt.signal },
        onProgress: ({ part }) => {
          if (part !== begun) warn(WORDS[part]);
          begun = part;
        },
      });
      if (json) print(JSON.stringify(figures));
      else for (const line of adapterFiguresMarkdown(figures).trimEnd().split('\n')) print(line);
      if (figures.certificate?.passed === false) process.exitCode = 1;
    } finally {
      interrupt.release();
      device.destroy();
    }
    process.exitCode = interrupt.exitCode ?? process.exitCode;
  });

/** Such as `8 × AMD EPYC 7763`. */
function processor(): string {
  const found = cpus();
  return found.length > 0 ? `${found.length} × ${found[0]!.model.trim()}` : '';
}
