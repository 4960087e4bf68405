/**
 * @file A training small enough to be killed some hundred times: `node training.mjs start|resume FOLDER`. All but the network
 * and its data is what `fovea train` runs.
 */

import { listenForInterrupt } from '../../src/cli/interrupt.ts';
import { print } from '../../src/cli/output.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import { checkpointOf, printOutcome } from '../../src/cli/train/start-training.ts';
import { trainInFolder } from '../../src/cli/train/train-in-folder.ts';
import { nodeAdapters } from '../../src/device/node/adapters.ts';
import { openDevice } from '../../src/tensor/open-device.ts';
import { checkSameTraining, restoreCheckpoint } from '../../src/train/checkpoint.ts';
import { BEGINNING } from '../../src/train/progress.ts';
import { RunFolder } from '../../src/train/run-folder.ts';
import { noise, tinyTraining } from '../train/tiny.ts';

const ABOUT = {
  config: { layers: 50, classDim: 1, size: 16, channelOrder: 'bgr' },
  settings: { seed: 1 },
} as const;

const [mode, path] = process.argv.slice(2) as ['start' | 'resume', string];

await runCommand(async () => {
  const folder = mode === 'start' ? await RunFolder.create(path, ABOUT) : await RunFolder.open(path);
  const interrupt = listenForInterrupt((signal) => print(`${signal}: stopping`));
  try {
    const checkpoint = mode === 'start' ? undefined : await checkpointOf(folder, true);
    if (checkpoint) checkSameTraining(checkpoint, ABOUT);
    for (const note of await folder.rewind(checkpoint)) print(note);
    const device = await openDevice(nodeAdapters);
    const { model, optimizer } = tinyTraining(device);
    if (checkpoint) restoreCheckpoint(checkpoint, model, optimizer);
    const result = await trainInFolder({
      model,
      optimizer,
      training: noise([4, 3], 3),
      validation: noise([4, 4], 103),
      epochs: 3,
      start: checkpoint?.progress ?? BEGINNING,
      folder,
      about: ABOUT,
      subtitle: 'tiny',
      interrupt,
    });
    device.destroy();
    await printOutcome(result, path);
  } finally {
    interrupt.release();
    await folder.close();
  }
});
