import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { RunFolder } from '../../src/train/run-folder.ts';
import { svgToPng } from '../../src/train/svg-to-png.ts';

vi.mock('../../src/device/node/installed-package.ts', () => ({
  importInstalled: () =>
    Promise.reject(new Error("Cannot find module '@resvg/resvg-js-linux-x64-gnu'\nmore")),
}));

const MESSAGE =
  'the renderer of PNGs does not load: npm install --include=optional @resvg/resvg-js ' +
  "(Cannot find module '@resvg/resvg-js-linux-x64-gnu')";

test('a renderer that is not installed is named when a picture is asked for', async () => {
  await expect(svgToPng('<svg/>', 100)).rejects.toMatchObject({ code: 'unsupported', message: MESSAGE });
});

test('without one a training is drawn as SVG alone, and why is told', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'fovea-run-'));
  const path = join(parent, 'run');
  const folder = await RunFolder.create(path, {});
  folder.addStep({ step: 1, epoch: 0, batch: 0, samples: 4, loss: 1, accuracy: 0.5, learningRate: 0.1 });
  expect(await folder.draw('a subtitle')).toBe(MESSAGE);
  expect(await readdir(path)).toContain('loss.svg');
  expect(await readdir(path)).not.toContain('loss.png');
  await folder.close();
  await rm(parent, { recursive: true });
});
