#!/usr/bin/env node
/**
 * @file The command `fovea`.
 */

import { createRequire } from 'node:module';
import { Command } from 'commander';
import { VERSION } from '../version.ts';
import { printable } from './printable.ts';
import { runCommand } from './run-command.ts';

/** In the order in which help lists them. Each is loaded where it is run, since together they import nearly all there is. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  train: async () => (await import('./train/command.ts')).trainCommand,
  eval: async () => (await import('./eval.ts')).evalCommand,
  predict: async () => (await import('./predict.ts')).predictCommand,
  explain: async () => (await import('./explain.ts')).explainCommand,
  data: async () => (await import('./data/command.ts')).dataCommand,
  convert: async () => (await import('./convert.ts')).convertCommand,
  report: async () => (await import('./report/command.ts')).reportCommand,
  export: async () => (await import('./export.ts')).exportCommand,
  serve: async () => (await import('./serve.ts')).serveCommand,
  app: async () => (await import('./app.ts')).appCommand,
  demo: async () => (await import('./demo.ts')).demoCommand,
  synth: async () => (await import('./synth.ts')).synthCommand,
  tune: async () => (await import('./tune.ts')).tuneCommand,
  verify: async () => (await import('./verify.ts')).verifyCommand,
  laboratory: async () => (await import('./laboratory.ts')).laboratoryCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
};

const { description } = createRequire(import.meta.url)('fovea/package.json');

await runCommand(async () => {
  const program = new Command('fovea').description(description).version(VERSION);
  tellErrors(program, '');
  for (const load of neededFor(process.argv[2])) {
    const command = await load();
    tellErrors(command, command.name());
    for (const part of command.commands) tellErrors(part, `${command.name()} ${part.name()}`);
    program.addCommand(command);
  }
  await program.parseAsync();
});

/** The one command that is run; all of them where help lists them, or a name is misspelt. */
function neededFor(first = ''): (() => Promise<Command>)[] {
  if (['-V', '--version'].includes(first)) return [];
  return Object.hasOwn(COMMANDS, first) ? [COMMANDS[first]!] : Object.values(COMMANDS);
}

/** Has `command`, called `name`, begin its errors as `fovea name: `, or `fovea: ` without a name, and print nothing that would spoil a terminal. */
function tellErrors(command: Command, name: string): void {
  command.configureOutput({
    outputError: (text, write) =>
      write(
        text
          .replace(/^error: /, `${`fovea ${name}`.trim()}: `)
          .split('\n')
          .map(printable)
          .join('\n'),
      ),
  });
}
