/**
 * @file The command itself, on drawn photographs, stopped from outside.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSyntheticDataset } from '../../src/data/synth.ts';
import { MAIN } from './fovea.ts';

let folder: string;
let out: string;
let data: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-interrupted-'));
  out = join(folder, 'run');
  await writeSyntheticDataset(folder, { training: 4, validation: 2, size: 32 });
  data = ['--train', 'PALM-Training400', '--val', 'PALM-Validation400', '--labels', 'labels.csv'].map(
    (text) => (text.startsWith('--') ? text : join(folder, text)),
  );
});

afterAll(() => rm(folder, { recursive: true }));

/** Runs `fovea train`; `onStep` is called when it prints a step. */
function train(args: readonly string[], onStep?: (child: ChildProcess) => void) {
  const child = spawn(process.execPath, [MAIN, 'train', '--out', out, ...args]);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => {
    const first = !stdout.includes('step ');
    stdout += text;
    if (first && stdout.includes('step ')) onStep?.(child);
  });
  child.stderr.on('data', (text) => (stderr += text));
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

test('stops at SIGTERM and at the end of its reader, and goes on to the end, as the same training only', async () => {
  const settings = [
    ...['--layers', '18', '--size', '32', '--batch', '2', '--epochs', '3', '--lr', '0.0001', '--recalibrate'],
  ];
  const terminated = await train([...data, ...settings], (child) => child.kill('SIGTERM'));
  expect(terminated).toMatchObject({ code: 143 });
  expect(terminated.stdout).toMatch(/SIGTERM: stopping after this step.*\n(.*\n)*Stopped after step \d/);

  // Refused before there is a device.
  const config = join(out, 'config.json');
  const text = await readFile(config, 'utf8');
  await writeFile(config, text.replace('"batch": 2', '"batch": 3'));
  expect(await train(['--resume'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/a training with batch 2, but this one has batch 3: resume it with what/),
  });
  await writeFile(config, text);
  const photograph = join(folder, 'PALM-Validation400', 'V0001.jpg');
  const bytes = await readFile(photograph);
  await appendFile(photograph, 'x');
  expect(await train(['--resume', '--epochs', '9'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/validation photographs 2 of digest \w+, but this one has/),
  });
  await writeFile(photograph, bytes);
  expect(await readFile(config, 'utf8')).toBe(text);

  const unread = await train(['--resume', '--epochs', '3'], (child) => child.stdout!.destroy());
  expect(unread).toMatchObject({ code: 141 });
  expect(unread.stderr).not.toMatch(/EPIPE|^ +at /m);

  // The settings given before are kept.
  const finished = await train(['--resume']);
  expect(finished).toMatchObject({ code: 0 });
  expect(finished.stdout).toMatch(
    /run: last\.safetensors, best\.safetensors, metrics\.jsonl, loss\.svg, loss\.png, last\.predictions\.jsonl, best\.predictions\.jsonl, sessions\.json, report\.html, model-card\.md\n$/,
  );
  const names = [
    'best.predictions.jsonl',
    'best.safetensors',
    'config.json',
    'last.predictions.jsonl',
    'last.safetensors',
    'loss.png',
    'loss.svg',
    'metrics.jsonl',
    'model-card.md',
    'report.html',
    'sessions.json',
  ];
  expect((await readdir(out)).sort()).toEqual(names);
  const lines = (await readFile(join(out, 'metrics.jsonl'), 'utf8')).trim().split('\n');
  const epoch = ['step', 'step', 'epoch'];
  expect(lines.map((line) => JSON.parse(line).kind)).toEqual([epoch, epoch, epoch].flat());
}, 600_000);
