import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeSyntheticDataset } from '../../src/data/synth.ts';
import type { MetricsLine } from '../../src/train/metrics-log.ts';
import { THOROUGH } from '../support/thorough.ts';
import { fovea } from './fovea.ts';

const EPOCHS = THOROUGH ? 3 : 1;

test('the demo trains on photographs that are drawn; on all of its own, if tests are thorough, it tells them apart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-demo-'));
  try {
    // What lies there it takes for photographs that it drew before.
    if (!THOROUGH)
      await writeSyntheticDataset(join(folder, 'data'), { training: 20, validation: 10, size: 32 });
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
    if (!THOROUGH) return;
    expect(epochs.at(-1)!.validation.accuracy).toBeGreaterThanOrEqual(0.9);
    expect(epochs.at(-1)!.validation.loss).toBeLessThan(0.4);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 300_000);
