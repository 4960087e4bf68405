#!/usr/bin/env node
/**
 * @file The command `fovea`.
 */

import { createRequire } from 'node:module';
import { Command } from 'commander';

const { description, version } = createRequire(import.meta.url)('fovea/package.json');

await new Command('fovea').description(description).version(version).parseAsync();
