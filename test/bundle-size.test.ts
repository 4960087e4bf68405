/**
 * @file What a browser must load: bundles of programs, made of the sources as the package is.
 *
 * The limits are what was measured, and a few percent. They are there to be noticed: what makes them fail is most often a
 * module that does something when it is loaded, so that no bundler drops it.
 */

import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import { expect, test } from 'vitest';
import {
  markComputedConstants,
  smallerBundles,
  stripWgsl,
  verificationApart,
} from '../scripts/smaller-bundles.ts';
import { wgslByKernel } from './mutants/plans.ts';

/** Leaves what is imported on demand out of a bundle. */
const onDemand: Plugin = {
  name: 'on-demand',
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ kind }) => (kind === 'dynamic-import' ? { external: true } : undefined));
  },
};

/** The minified bundle of `program`, without what it imports on demand, in bytes, as it is and compressed. */
async function bundleOf(program: string) {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: '.', loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    plugins: [onDemand, smallerBundles],
  });
  const [{ contents, text }] = outputFiles as [(typeof outputFiles)[number]];
  return { bytes: contents.length, compressed: gzipSync(contents).length, text };
}

/** A program that imports `names`. */
const using = (...names: readonly string[]) => `export { ${names} } from './src/browser.ts';`;

/** What it has loaded beside that, once it has a device on a GPU. */
const ON_GPU = `export * from './src/kernels/conv2d/for-hardware.ts';`;

test('a program that imports conv2d has no other op of its own account', async () => {
  const { bytes, compressed, text } = await bundleOf(using('conv2d'));
  expect(bytes).toBeLessThan(60_000);
  expect(compressed).toBeLessThan(22_500);
  expect(text).toContain('conv2d: ');
  expect(text).not.toMatch(/maxPool2d|batchNorm\.|crossEntropy|momentum/i);
});

/** The kernels of convolutions whose names stand in a bundle. */
const convolutionKernels = ({ text }: { text: string }) =>
  [...new Set(text.match(/(?<=conv2d\.\w+\.)\w+/g))].sort();

test('a page on a GPU loads no kernel for software adapters, and its own once it has a device', async () => {
  const program = using('createDevice', 'conv2d');
  expect(convolutionKernels(await bundleOf(program))).toEqual([]);
  const onGpu = await bundleOf(program + ON_GPU);
  expect(convolutionKernels(onGpu)).toEqual(['depthwise', 'grouped', 'plain', 'sum', 'tiled']);
  expect(onGpu.bytes).toBeLessThan(108_000);
  expect(onGpu.compressed).toBeLessThan(37_500);
});

test('where a bundler splits, nothing that is loaded on demand brings other ops into the page', async () => {
  const { outputFiles, metafile } = await build({
    stdin: { contents: using('createDevice', 'conv2d'), resolveDir: '.', loader: 'ts' },
    outdir: 'page',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    metafile: true,
    plugins: [verificationApart, smallerBundles],
  });
  const { outputs } = metafile;
  const page = new Set(Object.keys(outputs).filter((file) => outputs[file]!.entryPoint === '<stdin>'));
  for (const file of page)
    for (const { path, kind } of outputs[file]!.imports) if (kind === 'import-statement') page.add(path);
  const texts = [...page].map((file) => outputFiles.find(({ path }) => path.endsWith(file))!.text);
  expect(texts.length).toBeGreaterThan(1);
  expect(outputFiles.some(({ text }) => text.includes('"./browser-verification.js"'))).toBe(true);
  expect(texts.join('')).not.toMatch(/softmax|layerNorm|maxPool2d|gather|crossEntropy/);
  expect(texts.join('').length).toBeLessThan(73_000);
});

test('a program that trains a ResNet has no op that it does not use', async () => {
  const program = using(
    'createDevice',
    'ResNet',
    'Momentum',
    'PolynomialDecay',
    'fit',
    'evaluate',
    'predict',
    'decodeImage',
  );
  const entry = await bundleOf(program);
  expect(entry.bytes).toBeLessThan(181_500);
  expect(entry.compressed).toBeLessThan(65_000);
  expect(entry.text).not.toMatch(/convTranspose|upsample|gather|lossCurve|tuning table|augmentImages/);
  const total = await bundleOf(program + ON_GPU);
  expect(total.bytes).toBeLessThan(217_000);
  expect(total.compressed).toBeLessThan(75_500);
});

test('nothing is left of the library where nothing of it is used', async () => {
  const { bytes } = await bundleOf(using('VERSION'));
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

test('WGSL loses blanks and comments, not lines; TypeScript around it stays', () => {
  const [open, close] = ['$', '}'];
  const text = `  // a note\n  const a = \`\n    let x = 1 - -y; // one\n    ${open}{ b ${close} - f(a, c) }\n      y\`;\n`;
  expect(stripWgsl(text)).toBe(
    `  // a note\n  const a = \`\nlet x=1- -y;\n${open}{ b ${close} -f(a,c)}\ny\`;\n`,
  );
  const message = 'const message = `not ( this )`;';
  expect(stripWgsl(message)).toBe(message);
});

/** The tokens of WGSL, as far as blanks and comments matter for where they end. */
const tokensOf = (wgsl: string) =>
  wgsl.replaceAll(/\/\/.*/g, '').match(/[\w.]+|->|&&|\|\||<<=?|>>=?|[-+*/%&|^<>=!]=|\+\+|--|\S/g);

test('every kernel is the same WGSL in a bundle', async () => {
  const { outputFiles } = await build({
    entryPoints: ['test/mutants/plans.ts'],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    plugins: [smallerBundles],
  });
  const url = `data:text/javascript;base64,${Buffer.from(outputFiles[0]!.contents).toString('base64')}`;
  const bundled: typeof import('./mutants/plans.ts') = await import(/* @vite-ignore */ url);
  const kernels = wgslByKernel();
  const found = bundled.wgslByKernel();
  expect([...found.keys()]).toEqual([...kernels.keys()]);
  for (const [name, variants] of kernels)
    expect(found.get(name)!.map(tokensOf), name).toEqual(variants.map(tokensOf));
});
