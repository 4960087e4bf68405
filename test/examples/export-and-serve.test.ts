/**
 * @file The examples of export and of the server, each run as a user would. Their types are checked with all others.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, expect, test } from 'vitest';
import { ModelProtoSchema } from '../../src/interop/onnx/schema.ts';
import { makeWorkshop, removeWorkshop, runExample } from '../support/user-programs.ts';

const folder = makeWorkshop();

afterAll(() => removeWorkshop(folder));

test('examples/export.ts writes an ONNX file', async () => {
  const printed = await runExample(folder, 'export');
  const bytes = readFileSync(join(folder, 'model.onnx'));
  expect(printed).toBe(`model.onnx: ${bytes.length} bytes\n`);
  const { graph, metadataProps } = fromBinary(ModelProtoSchema, bytes);
  expect(graph!.input.map(({ name }) => name)).toEqual(['images']);
  expect(metadataProps[0]).toMatchObject({ key: 'classes', value: '["healthy","ill"]' });
}, 120_000);

test('examples/serve.ts answers and ends', async () => {
  const [first, second, ...others] = (await runExample(folder, 'serve')).trim().split('\n');
  expect(first).toMatch(/^listening at http:\/\/127\.0\.0\.1:\d+\/$/);
  expect(second).toMatch(/^(cat|dog) \[ 0\.\d+, 0\.\d+ \]$/);
  expect(others).toEqual([]);
}, 120_000);
