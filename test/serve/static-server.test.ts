import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type StaticServer, serveFolder } from '../../src/serve/static-server.ts';

const options = { host: '127.0.0.1', port: 0, policy: "default-src 'self'" };
let folder: string;
let server: StaticServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-static-'));
  await mkdir(join(folder, 'app/assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'not to be served');
  await writeFile(join(folder, 'app/index.html'), '<!doctype html><title>an application</title>');
  await writeFile(join(folder, 'app/assets/main.js'), 'export {};');
  server = await serveFolder(join(folder, 'app'), options);
});

afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

test('files come with their type, the policy, and the wish to be asked for again', async () => {
  const page = await fetch(server.url);
  expect(await page.text()).toContain('an application');
  expect(Object.fromEntries(page.headers)).toMatchObject({
    'content-type': expect.stringContaining('text/html'),
    'content-security-policy': options.policy,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache',
  });
  const script = await fetch(`${server.url}assets/main.js`);
  expect(script.headers.get('content-type')).toContain('text/javascript');
});

test.each(['missing.html', '..%2fsecret.txt', '%2e%2e/secret.txt', 'assets/..%5c..%5csecret.txt'])(
  '%s is not found',
  async (path) => {
    const response = await fetch(server.url + path);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain('not to be served');
  },
);

test('a port that is taken is named', async () => {
  const { port } = new URL(server.url);
  const taken = serveFolder(folder, { ...options, port: Number(port) });
  await expect(taken).rejects.toMatchObject({ code: 'in-use', message: expect.stringContaining(port) });
});
