/**
 * @file `npx tsx scripts/measure-in-chromium.ts figures.json [words about the machine]`: what the laboratory page measures, in Debian's
 * Chromium on SwiftShader, for `docs/gpus/`.
 */

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { build } from 'esbuild';
import type { AdapterFigures, MeasureAdapterOptions } from '../src/browser.ts';
import { launchChromium, servePage } from '../test/support/chromium.ts';
import { smallerBundles } from './smaller-bundles.ts';

/** What the page's program puts there. */
interface PageWindow {
  readonly measure: (options: MeasureAdapterOptions) => Promise<AdapterFigures>;
}

const PROGRAM = `
  import { createDevice, measureAdapter } from './src/browser.ts';
  window.measure = async (options) => {
    const device = await createDevice({ tuned: false });
    const onPart = (figures) => console.log(Object.keys(figures).at(-1));
    return measureAdapter(device, { ...options, onPart });
  };
`;

const [path, machine = `${cpus().length} × ${cpus()[0]?.model.trim()}`] = process.argv.slice(2);
if (path === undefined) throw new Error('Say where to write the figures: figures.json.');
const { outputFiles } = await build({
  stdin: { contents: PROGRAM, resolveDir: '.', loader: 'ts' },
  bundle: true,
  format: 'esm',
  write: false,
  plugins: [smallerBundles],
});
const { server, address } = await servePage(
  new Map([
    ['/', '<!doctype html><script type="module" src="/program.js"></script>'],
    ['/program.js', outputFiles[0]!.text],
  ]),
);
const browser = await launchChromium();
try {
  const page = await browser.newPage();
  page.on('console', (message) => console.error(message.text()));
  await page.goto(address);
  await page.waitForFunction('window.measure !== undefined');
  const figures = await page.evaluate((options) => (window as object as PageWindow).measure(options), {
    machine,
  });
  writeFileSync(path, `${JSON.stringify(figures)}\n`);
} finally {
  await browser.close();
  server.close();
}
