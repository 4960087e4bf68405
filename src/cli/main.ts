#!/usr/bin/env node
/**
 * @file The command `fovea`.
 */

import { createRequire } from 'node:module';
import { Command } from 'commander';
import { VERSION } from '../version.ts';
import { appCommand } from './app.ts';
import { convertCommand } from './convert.ts';
import { dataCommand } from './data/command.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { evalCommand } from './eval.ts';
import { explainCommand } from './explain.ts';
import { exportCommand } from './export.ts';
import { predictCommand } from './predict.ts';
import { printable } from './printable.ts';
import { reportCommand } from './report/command.ts';
import { runCommand } from './run-command.ts';
import { serveCommand } from './serve.ts';
import { synthCommand } from './synth.ts';
import { trainCommand } from './train/command.ts';
import { tuneCommand } from './tune.ts';
import { verifyCommand } from './verify.ts';

const { description } = createRequire(import.meta.url)('fovea/package.json');

const program = new Command('fovea').description(description).version(VERSION);
const commands = [
  trainCommand,
  evalCommand,
  predictCommand,
  explainCommand,
  dataCommand,
  convertCommand,
  reportCommand,
  exportCommand,
  serveCommand,
  appCommand,
  demoCommand,
  synthCommand,
  tuneCommand,
  verifyCommand,
  doctorCommand,
];
for (const command of commands) {
  tellErrors(command, command.name());
  for (const part of command.commands) tellErrors(part, `${command.name()} ${part.name()}`);
  program.addCommand(command);
}

await runCommand(() => program.parseAsync());

/** Has `command`, called `name`, begin its errors as `fovea name: `, and print nothing that would spoil a terminal. */
function tellErrors(command: Command, name: string): void {
  command.configureOutput({
    outputError: (text, write) =>
      write(
        text
          .replace(/^error: /, `fovea ${name}: `)
          .split('\n')
          .map(printable)
          .join('\n'),
      ),
  });
}
