import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, launchChromium, servePage } from '../support/chromium.ts';
import { THOROUGH } from '../support/thorough.ts';
import { trainInPage } from './training.ts';

/** Of the ResNet that a page trains. */
const LAYERS: 18 | 50 = THOROUGH ? 50 : 18;

/** What the page runs; `fovea` is the browser build. */
const PROGRAM = `
  import * as fovea from '../../src/browser.ts';
  window.fovea = fovea;
`;

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: PROGRAM, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  });
  return outputFiles[0]!.text;
}

describe.skipIf(!existsSync(CHROMIUM))(`in a browser (skipped without ${CHROMIUM})`, () => {
  let server: Server;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const html = '<!doctype html><script type="module" src="/fovea.js"></script>';
    const served = await servePage(
      new Map([
        ['/', html],
        ['/fovea.js', await bundle()],
      ]),
    );
    server = served.server;
    browser = await launchChromium();
    page = await browser.newPage();
    await page.goto(served.address);
    await page.waitForFunction('window.fovea !== undefined');
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test('a convolution, its gradient and batch norm agree with finite differences', async () => {
    const result = await page.evaluate(async () => {
      const fovea = (window as unknown as { fovea: typeof import('../../src/browser.ts') }).fovea;
      const device = await fovea.createDevice();
      const random = new fovea.Random(1);
      const draw = (...shape: number[]) =>
        fovea.tensor(
          device,
          Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
          shape,
        );
      const check = await fovea.gradCheck(
        (x, w, gamma, beta) =>
          fovea.batchNorm(
            fovea.conv2d(x!, w!, { padding: 1, stride: 2 }),
            {
              weight: gamma!,
              bias: beta!,
              runningMean: fovea.zeros(device, [6]),
              runningVariance: fovea.full(device, [6], 1),
            },
            { training: true },
          ),
        [draw(2, 5, 9, 7), draw(6, 5, 3, 3), draw(6), draw(6)],
        { samples: 6 },
      );
      return { check, software: device.info.software };
    });
    expect(result.check.ok, JSON.stringify(result)).toBe(true);
    expect(result.software).toBe(true);
  });

  test(`a ResNet-${LAYERS} trains two steps`, async () => {
    const losses = await page.evaluate(async (layers) => {
      const fovea = (window as unknown as { fovea: typeof import('../../src/browser.ts') }).fovea;
      const device = await fovea.createDevice();
      const model = new fovea.ResNet(device, { layers });
      const optimizer = new fovea.Momentum({ parameters: model.parameters(), learningRate: 0.001 });
      const batch = {
        images: new Uint8Array(2 * 32 * 32 * 3).map((_, i) => (i * 7) % 256),
        labels: new Float32Array([0, 1]),
        names: ['a', 'b'],
        size: 32,
        index: 0,
      };
      const losses: number[] = [];
      for (let step = 0; step < 2; step++) {
        const { loss, accuracy } = fovea.trainStep(model, optimizer, batch);
        losses.push(await loss.item());
        loss.dispose();
        accuracy.dispose();
      }
      device.destroy();
      return losses;
    }, LAYERS);
    expect(losses).toHaveLength(2);
    expect(losses.every(Number.isFinite)).toBe(true);
  });

  test('what was tuned is kept in IndexedDB', async () => {
    const found = await page.evaluate(async () => {
      const fovea = (window as unknown as { fovea: typeof import('../../src/browser.ts') }).fovea;
      const device = await fovea.createDevice();
      const [x, weight] = [fovea.full(device, [1, 4, 5, 5], 1), fovea.full(device, [4, 4, 3, 3], 1)];
      const [tuned] = await fovea.tune(device, () => void fovea.conv2d(x, weight));
      device.destroy();
      const next = await fovea.createDevice();
      const { pass, geometry, chosen } = tuned!;
      const kept = fovea.tuningOf(next).algorithmOf(pass, geometry);
      next.destroy();
      return { chosen, kept };
    });
    expect(found.chosen).toBeTypeOf('string');
    expect(found.kept).toBe(found.chosen);
  });

  test('a training goes on when the GPU process crashes, to the same weights, bit for bit', async () => {
    // What chrome://gpucrash does, which a driven browser refuses to open.
    const session = await browser.newBrowserCDPSession();
    await page.exposeFunction('crashGpu', () => session.send('Browser.crashGpuProcess'));
    const undisturbed = await page.evaluate(trainInPage, []);
    expect(undisturbed).toMatchObject({ reason: 'finished', lost: [] });
    const { lost, ...disturbed } = await page.evaluate(trainInPage, [11]);
    // A second crash within two minutes would cost two minutes, for which Chrome has no adapter for the page then.
    expect(lost).toEqual([expect.stringContaining('the device was lost')]);
    expect({ ...disturbed, lost: [] }).toEqual(undisturbed);
  }, 60_000);
});
