/**
 * @file Rates that differ from layer to layer, and keep their proportions while they fall.
 */

import type { Parameter } from '../nn/parameter.ts';
import type { Schedule } from './schedule.ts';

/**
 * `groups`, each divided by how many times the rate of `schedule` its parameters have: `factorOf`, once where that is undefined. The
 * schedule itself observes for all.
 */
export function splitByRate<Group extends { readonly parameters: readonly Parameter[] }>(
  groups: readonly Group[],
  schedule: Schedule,
  factorOf: (parameter: Parameter) => number = () => 1,
): (Group & { readonly learningRate: Schedule })[] {
  const schedules = new Map<number, Schedule>([[1, schedule]]);
  return groups.flatMap((group) => {
    const byFactor = new Map<number, Parameter[]>();
    for (const parameter of group.parameters) {
      const factor = factorOf(parameter);
      byFactor.set(factor, [...(byFactor.get(factor) ?? []), parameter]);
    }
    return [...byFactor].map(([factor, parameters]) => {
      const learningRate = schedules.get(factor) ?? { at: (step: number) => factor * schedule.at(step) };
      schedules.set(factor, learningRate);
      return { ...group, parameters, learningRate };
    });
  });
}
