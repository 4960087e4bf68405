import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MetricsLine } from '../../src/train/metrics-log.ts';
import { thoroughly } from '../support/thorough.ts';
import { fovea } from './fovea.ts';

const EPOCHS = thoroughly(3, 1);

test('the demo trains on the photographs that it draws; three epochs, if tests are thorough, tell them apart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-demo-'));
  try {
    const { code, stdout } = await fovea('demo', folder, '--epochs', String(EPOCHS));
    expect(code).toBe(0);
    expect(stdout).toContain('run-1: last.safetensors, best.safetensors, metrics.jsonl, loss.svg, loss.png');
    const text = await readFile(join(folder, 'run-1', 'metrics.jsonl'), 'utf8');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as MetricsLine);
    const epochs = lines.filter((line) => line.kind === 'epoch');
    expect(epochs).toHaveLength(EPOCHS);
    if (EPOCHS < 3) return;
    expect(epochs.at(-1)!.validation.accuracy).toBeGreaterThanOrEqual(0.9);
    expect(epochs.at(-1)!.validation.loss).toBeLessThan(0.4);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 300_000);
