/**
 * @file All that the engine can do: a line for each task, whose module is loaded when it is first asked for and exports it as `run`.
 */

/** The tasks by name. */
export const TASKS = {
  device: () => import('./open-device.ts'),
  drawData: () => import('../data/draw-data.ts'),
  readData: () => import('../data/read-data.ts'),
  thumbnail: () => import('../data/thumbnail.ts'),
  checkData: () => import('../data/check-data.ts'),
  recipeDefaults: () => import('../train/recipe-defaults.ts'),
  estimate: () => import('../train/estimate.ts'),
  beginTraining: () => import('../train/begin-training.ts'),
  runTraining: () => import('../train/run-training.ts'),
  validateTraining: () => import('../train/validate-training.ts'),
  lookForTraining: () => import('../train/look-for-training.ts'),
  resumeTraining: () => import('../train/resume-training.ts'),
  forgetTraining: () => import('../train/forget-training.ts'),
  judgeTraining: () => import('../judge/judge-training.ts'),
  validatedPhotograph: () => import('../judge/validated-photograph.ts'),
  explainable: () => import('../explain/explainable.ts'),
  explainPhotograph: () => import('../explain/explain-photograph.ts'),
  useTrained: () => import('../use/use-trained.ts'),
  useFile: () => import('../use/use-file.ts'),
  tell: () => import('../use/tell.ts'),
  takeAway: () => import('../take-away/take-away.ts'),
  laboratory: () => import('../laboratory/measure.ts'),
};

/** A task's name. */
export type TaskName = keyof typeof TASKS;

type Run<Name extends TaskName> = Awaited<ReturnType<(typeof TASKS)[Name]>>['run'];

/** What a task takes. */
export type InputOf<Name extends TaskName> = Parameters<Run<Name>>[0];

/** What a task gives. */
export type ResultOf<Name extends TaskName> = Awaited<ReturnType<Run<Name>>>;

/** What a task tells while it runs. */
export type EventOf<Name extends TaskName> = Parameters<Parameters<Run<Name>>[1]['report']>[0];
