/**
 * @file What a learning-rate schedule is.
 */

/** A learning rate that depends on how many updates were made. */
export interface Schedule {
  /** The learning rate of update `step`, counted from 0. */
  at(step: number): number;
}
