/**
 * @file What an optimizer is made of: parameters, all with the same settings or in groups with settings of their own.
 */

import {
  ARRAY,
  checkArgument,
  checkOptions,
  instanceOf,
  isObject,
  type OptionRules,
  type Rule,
  required,
} from '../arguments.ts';
import { check } from '../errors.ts';
import { Parameter } from '../nn/parameter.ts';
import { checkOneDevice } from '../tensor/check-tensor.ts';
import type { Schedule } from './schedule.ts';

/** Settings that every optimizer has. */
export interface OptimizerSettings {
  /** How far an update goes. */
  readonly learningRate?: number | Schedule;
  /** The coefficient of the decay, which takes in biases and the weights of norms; 0 by default. */
  readonly weightDecay?: number;
}

/** Parameters with settings of their own. What is left out is as the optimizer's options say. */
export type ParameterGroup<Settings = OptimizerSettings> = Settings & {
  /** Those of the group; no other group has them. */
  readonly parameters: readonly Parameter[];
};

/** Parameters of an optimizer: `model.parameters()`, or groups of them. */
export type ParameterList<Settings = OptimizerSettings> =
  | readonly Parameter[]
  | readonly ParameterGroup<Settings>[];

/** What an optimizer is made with. */
export type OptimizerOptions<Settings = OptimizerSettings> = Settings & {
  /** What it updates: `model.parameters()`, or groups with settings of their own. */
  readonly parameters: ParameterList<Settings>;
};

/** Parameters, and for each the number of its group. */
export interface Grouped<Settings> {
  readonly parameters: readonly Parameter[];
  readonly groupOf: readonly number[];
  readonly groups: readonly Required<Settings>[];
}

const PARAMETER = instanceOf(Parameter, 'a Parameter: give model.parameters()');

/**
 * Takes the options of the optimizer `name` apart. Throws 'invalid-argument' where there are no parameters, or one
 * twice, or of two devices, and for settings that `rules` do not allow; those that have no default must be given.
 */
export function groupsOf<Settings extends OptimizerSettings>(
  name: string,
  options: OptimizerOptions<Settings>,
  rules: OptionRules<Settings>,
  defaults: Partial<Settings>,
): Grouped<Settings> {
  const missing = (setting: string) => !(setting in defaults);
  const table = Object.entries<Rule>(rules).map(([setting, rule]) => {
    return [setting, missing(setting) ? required(rule) : rule];
  });
  const parametersRule = { parameters: required(ARRAY) };
  checkOptions(name, options, { ...parametersRule, ...Object.fromEntries(table) });
  const { parameters: list, ...settings } = options;
  const groups = isGrouped(list) ? list : [{ parameters: list } as ParameterGroup<Settings>];
  const [parameters, groupOf]: [Parameter[], number[]] = [[], []];
  groups.forEach((group, g) => {
    if (isGrouped(list)) checkOptions(`group ${g} of ${name}`, group, { ...parametersRule, ...rules });
    const owner = isGrouped(list) ? `group ${g} of ${name}` : name;
    group.parameters.forEach((parameter, i) => {
      checkArgument(`parameter ${i} of ${owner}`, parameter, PARAMETER);
      parameters.push(parameter);
      groupOf.push(g);
    });
  });
  checkParameters(name, parameters);
  const resolved = groups.map(({ parameters: _, ...own }) => {
    return { ...defaults, ...given(settings), ...given(own) } as Required<Settings>;
  });
  return { parameters, groupOf, groups: resolved };
}

/** Whether a list is one of groups: its first item has parameters. */
function isGrouped<Settings>(list: ParameterList<Settings>): list is readonly ParameterGroup<Settings>[] {
  const [first] = list;
  return isObject(first) && !(first instanceof Parameter) && 'parameters' in first;
}

/** Throws 'invalid-argument', naming `name`, unless these are parameters of one device, each of them once. */
export function checkParameters(name: string, parameters: readonly Parameter[]): void {
  parameters.forEach((parameter, i) => {
    checkArgument(`parameter ${i} of ${name}`, parameter, PARAMETER);
  });
  check(parameters.length > 0, 'invalid-argument', () => `${name} was given no parameters to update`);
  const distinct = new Set(parameters).size;
  check(
    distinct === parameters.length,
    'invalid-argument',
    () =>
      `${name} was given ${parameters.length} parameters, but only ${distinct} different ones: give each once`,
  );
  checkOneDevice(
    name,
    parameters.map(({ tensor }) => tensor),
  );
}

/** Throws 'invalid-argument', naming `what`, where two parameters have one name: a state could not tell them apart. */
export function checkNames(what: string, parameters: readonly Parameter[]): void {
  const names = new Set<string>();
  for (const { name } of parameters) {
    check(
      !names.has(name),
      'invalid-argument',
      () =>
        `${what} has two parameters called '${name}': ask the module that holds them all for its parameters(), which names them`,
    );
    names.add(name);
  }
}

/** Options without those that are undefined, which count as left out. */
function given(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
