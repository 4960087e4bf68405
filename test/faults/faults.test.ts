/**
 * @file A training under faults: killed, asked to stop, without disk, without rights. Whatever comes, it goes on or starts
 * anew, and ends with the bytes of a training that nothing disturbed.
 *
 * `FOVEA_KILLS=500 npx vitest run test/faults` kills 500 times, in place of 6 or, where tests are thorough, 50.
 */

import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../src/random.ts';
import { THOROUGH, thoroughly } from '../support/thorough.ts';
import {
  type Accident,
  buildPrograms,
  contents,
  emptyFolder,
  expectSame,
  live,
  removePrograms,
  resumeTraining,
} from './child.ts';
import type { Fault } from './injector.ts';

const KILLS = Number(process.env.FOVEA_KILLS ?? thoroughly(50, 6));
const TIMEOUT = 60_000 + KILLS * 20_000;

let parent: string;
let path: string;
let undisturbed: Map<string, Buffer>;
/** Of the undisturbed training. */
let operations: number;
let milliseconds: number;

beforeAll(async () => {
  await buildPrograms();
  parent = await mkdtemp(join(tmpdir(), 'fovea-faults-'));
  path = join(parent, 'run');
  const whole = join(parent, 'undisturbed');
  const started = performance.now();
  const { code, stdout, stderr } = await live('start', whole);
  milliseconds = performance.now() - started;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  operations = Number(/operations: (\d+)/.exec(stdout)![1]);
  undisturbed = await contents(whole);
});

afterAll(async () => {
  await rm(parent, { recursive: true });
  await removePrograms();
});

test('the undisturbed training leaves these files, and its best epoch is not its last', () => {
  const names = [
    'best.predictions.jsonl',
    'best.safetensors',
    'config.json',
    'last.predictions.jsonl',
    'last.safetensors',
    'loss.png',
    'loss.svg',
    'metrics.jsonl',
    'sessions.json',
  ];
  expect([...undisturbed.keys()]).toEqual(names);
  const text = undisturbed.get('metrics.jsonl')!.toString();
  const epochs = text.split('\n').filter((line) => line.startsWith('{"kind":"epoch"'));
  const accuracies = epochs.map((line) => JSON.parse(line).validation.accuracy);
  expect(accuracies[1]).toBeGreaterThan(accuracies[0]);
  expect(accuracies[2]).toBeLessThanOrEqual(accuracies[1]);
});

describe('SIGKILL', () => {
  /** Kills processes on one folder by the accidents in turn, then ends the training; returns how many were killed. */
  async function survive(accidents: readonly Accident[]): Promise<number> {
    await emptyFolder(path);
    let kills = 0;
    for (const accident of accidents) {
      const { signal, stderr } = await resumeTraining(path, accident);
      expect(stderr).toMatch(/^(fovea: .* holds no training: .*)?$/);
      if (signal === 'SIGKILL') kills++;
    }
    await expectSame(path, undisturbed);
    return kills;
  }

  test.each([
    ['before the first checkpoint', 'open last.safetensors', 1],
    ['between last and best, in the best epoch', 'open best.safetensors', 2],
    ['between the last checkpoint and the curve', 'rename loss.png', 3],
  ])('%s', async (_, name, occurrence) => {
    expect(await survive([{ fault: { name, occurrence, kind: 'kill' } }])).toBe(1);
  });

  test(
    `${Math.ceil(KILLS / 2)} times at operations on files, evenly spread, and once more while going on`,
    async () => {
      const random = new Random(1);
      const kinds = ['kill', 'kill-halfway'] as const;
      const wanted = Math.ceil(KILLS / 2);
      const rounds = Math.ceil(wanted / 2);
      let kills = 0;
      for (let round = 0; kills < wanted; round++) {
        // Going round more than once, the places are others.
        const at = 1 + (Math.floor((round * operations) / rounds + round / rounds) % operations);
        const next = 1 + random.integer(30);
        kills += await survive([at, next].map((at, i) => ({ fault: { at, kind: kinds[(round + i) % 2]! } })));
      }
    },
    TIMEOUT,
  );

  test(
    `${Math.floor(KILLS / 2)} times at random moments, three times a training`,
    async () => {
      const random = new Random(2);
      const wanted = Math.floor(KILLS / 2);
      for (let kills = 0; kills < wanted; ) {
        kills += await survive([1, 2, 3].map(() => ({ killAfter: random.uniform() * milliseconds })));
      }
    },
    TIMEOUT,
  );
});

describe('asked to stop', () => {
  type Reaction = (text: string, child: ChildProcess) => boolean;

  /** Each of `reactions` until it has happened, then the next. */
  function inTurn(...reactions: Reaction[]): Reaction {
    return (text, child) => reactions[0]?.(text, child) === true && reactions.shift() !== undefined;
  }

  const signals = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const;

  test.each(signals)('%s: saves, exits with %i, and goes on', async (signal, code) => {
    await emptyFolder(path);
    const ending = await resumeTraining(path, {
      onOutput: inTurn((text, child) => text.includes('step 1/') && child.kill(signal)),
    });
    expect(ending).toMatchObject({ code, stderr: '' });
    expect(ending.stdout).toContain('Stopped after step');
    expect(await readdir(path)).toContain('last.safetensors');
    expect(await readdir(path)).not.toContain('.lock');
    await expectSame(path, undisturbed);
  });

  test.each(THOROUGH ? signals : signals.slice(0, 1))(
    '%s twice: ends at once, with %i, and goes on',
    async (signal, code) => {
      await emptyFolder(path);
      // The first has to wait for a disk that hangs.
      const ending = await resumeTraining(path, {
        fault: { name: 'rename last.safetensors', kind: 'hang' },
        onOutput: inTurn(
          (text, child) => text.includes('step 1/') && child.kill(signal),
          (text, child) => text.includes('stopping') && child.kill(signal),
        ),
      });
      expect(ending).toMatchObject({ code, stderr: '' });
      expect(ending.stdout).not.toContain('Stopped');
      await expectSame(path, undisturbed);
    },
  );

  test('a reader of its output that ends: saves, exits as of SIGPIPE, and goes on', async () => {
    await emptyFolder(path);
    const ending = await resumeTraining(path, {
      onOutput: (text, child) => text.includes('step 1/') && child.stdout!.destroy(),
    });
    expect(ending).toMatchObject({ code: 141, stderr: '' });
    expect(await readdir(path)).toContain('last.safetensors');
    await expectSame(path, undisturbed);
  });
});

describe('what the system refuses is told in one line, and the training goes on afterwards', () => {
  const PLACES = Math.max(1, Math.round(KILLS / 16));
  const causes = [
    ['ENOSPC', /^fovea: Cannot write ".*": the disk is full: free some space.*$/],
    ['EACCES', /^fovea: Cannot write ".*": you may not write there: change the rights.*$/],
    ['EROFS', /^fovea: Cannot write ".*": this disk can only be read.*$/],
    ['EIO', /^fovea: Cannot write ".*": EIO.*$/],
  ] as const satisfies readonly (readonly [Fault['kind'], RegExp])[];

  test.each(causes)(
    '%s',
    async (kind, message) => {
      for (let place = 0; place < PLACES; place++) {
        await emptyFolder(path);
        const at = 1 + Math.floor(((place + 0.5) * operations) / PLACES);
        const { code, stderr } = await live('start', path, { fault: { at, kind } });
        expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
        expect((await readdir(path)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
        await expectSame(path, undisturbed);
      }
    },
    TIMEOUT,
  );

  /** A small file system at `folder`, where we may mount one. */
  function mount(folder: string, options: string): boolean {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  }

  test.each(THOROUGH ? [8, 24, 48, 96] : [8, 96])('a disk of %i kB', async (kilobytes) => {
    const disk = await emptyFolder(join(parent, 'disk'));
    if (!mount(disk, `size=${kilobytes}k`))
      return console.warn('not tested: no file system can be mounted here');
    try {
      const small = join(disk, 'run');
      const { code, stderr } = await live('start', small);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(causes[0][1]) });
      execFileSync('mount', ['-o', 'remount,size=8m', disk]);
      await expectSame(small, undisturbed);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});
