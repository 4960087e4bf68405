/**
 * @file What a browser must load: bundles of programs, made of the sources as the package is.
 *
 * The limits are what was measured, and a few percent. They are there to be noticed: what makes them fail is most often a
 * module that does something when it is loaded, so that no bundler drops it.
 */

import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { markComputedConstants, smallerBundles, stripWgsl } from '../scripts/smaller-bundles.ts';

/** The minified bundle of a program that imports these names, in bytes, as it is and compressed. */
async function bundleOf(...names: readonly string[]) {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${names} } from './src/browser.ts'`, resolveDir: '.', loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    plugins: [smallerBundles],
  });
  const [{ contents, text }] = outputFiles as [(typeof outputFiles)[number]];
  return { bytes: contents.length, compressed: gzipSync(contents).length, text };
}

test('a program that imports conv2d has no other op of its own account', async () => {
  const { bytes, compressed, text } = await bundleOf('conv2d');
  expect(bytes).toBeLessThan(120_000);
  expect(compressed).toBeLessThan(39_000);
  expect(text).toContain('conv2d.forward.plain');
  expect(text).not.toMatch(/maxPool2d|batchNorm\.|crossEntropy|momentum/i);
});

test('a program that trains a ResNet has no op that it does not use', async () => {
  const { bytes, compressed, text } = await bundleOf(
    'createDevice',
    'ResNet',
    'Momentum',
    'PolynomialDecay',
    'fit',
    'evaluate',
    'predict',
    'decodeImage',
  );
  expect(bytes).toBeLessThan(240_000);
  expect(compressed).toBeLessThan(80_000);
  expect(text).not.toMatch(/crossEntropyProbabilities|convTranspose|upsample|gather|lossCurve/);
});

test('nothing is left of the library where nothing of it is used', async () => {
  const { bytes } = await bundleOf('VERSION');
  expect(bytes).toBeLessThan(200);
});

test('computed constants become calls that a bundler may drop, others stay', () => {
  const inert = `const a = 1;\nconst b = { a, f: () => g(), list: ['x', -1] };\nfunction f() { const c = g(); }\n`;
  expect(markComputedConstants(inert)).toBe(inert);
  const pure = (value: string) => `/* @__PURE__ */ (() => (${value}))()`;
  expect(markComputedConstants(`export const a = g(1),\n b = { ...a };\n`)).toBe(
    `export const a = ${pure('g(1)')},\n b = ${pure('{ ...a }')};\n`,
  );
});

test('WGSL loses indentation and comments, not lines; TypeScript around it stays', () => {
  const [open, close] = ['$', '{'];
  const text = `  // a note\n  const a = \`\n    let x = 1; // one\n    ${open}${close} f() }\n      y\`;\n`;
  expect(stripWgsl(text)).toBe(`  // a note\n  const a = \`\nlet x = 1;\n${open}${close} f() }\ny\`;\n`);
});
