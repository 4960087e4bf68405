/**
 * @file What can be done on the page Train.
 */

import { batch } from '@preact/signals';
import { input, showData } from '../data/state.ts';
import { runTask } from '../engine/client.ts';
import { failureOf } from '../engine/failure.ts';
import type { TrainingEvent } from './run-training.ts';
import type { TrainSettings } from './settings.ts';
import {
  addEpoch,
  addSteps,
  best,
  defaults,
  estimate,
  failure,
  type Note,
  notes,
  pace,
  phase,
  resetCourse,
  resumable,
  running,
  savedStep,
  settings,
} from './state.ts';

/** Ends the steps under way. */
let stopping: AbortController | undefined;
/** Whether the tab was in the background since the last message of a training. */
let wasHidden = document.hidden;
document.addEventListener('visibilitychange', () => {
  wasHidden ||= document.hidden;
});

/** Asks the engine for what the page begins with. */
export async function prepare(): Promise<void> {
  if (defaults.value) return;
  await attempt(async () => {
    defaults.value = await runTask('recipeDefaults', undefined);
    settings.value = defaults.value.original;
    if (phase.value === 'idle') resumable.value = await runTask('lookForTraining', undefined);
  });
}

/** Changes some settings of the form. */
export function change(changed: Partial<TrainSettings>): void {
  if (!settings.value) return;
  settings.value = { ...settings.value, ...changed };
  estimate.value = undefined;
}

/** Finds out what the form's settings will take. */
export async function ask(): Promise<void> {
  const asked = settings.value;
  if (!asked) return;
  estimate.value = 'asking';
  await attempt(async () => {
    const isAsked = () => settings.value === asked;
    const found = await runTask('estimate', asked, {
      onEvent: (event) => {
        if (isAsked()) estimate.value = event;
      },
    });
    if (isAsked()) estimate.value = found;
  });
  if (failure.value !== undefined) estimate.value = undefined;
}

/** Begins a training by the form's settings. */
export async function start(): Promise<void> {
  const chosen = settings.value;
  if (!chosen) return;
  await attempt(async () => {
    phase.value = 'preparing';
    resetCourse();
    running.value = chosen;
    resumable.value = undefined;
    const isKept = await runTask('beginTraining', { settings: chosen, input: input.value });
    if (!isKept) note({ kind: 'notKept' });
    await train();
  });
}

/** Goes on with the training that is kept from before. */
export async function resume(): Promise<void> {
  await attempt(async () => {
    phase.value = 'preparing';
    const resumed = await runTask('resumeTraining', undefined);
    batch(() => {
      if (resumed.data) showData(resumed.data.input, resumed.data.summary);
      resetCourse(resumed);
      settings.value = resumed.settings;
      running.value = resumed.settings;
      savedStep.value = resumed.step || undefined;
      resumable.value = undefined;
    });
    await train();
  });
}

/** Forgets the training that is kept from before. */
export async function forget(): Promise<void> {
  await attempt(() => runTask('forgetTraining', undefined));
  resumable.value = undefined;
}

/** Stops after the step under way, to go on later. */
export function pauseTraining(): void {
  phase.value = 'stopping';
  stopping?.abort();
}

/** Goes on after a pause. */
export async function goOn(): Promise<void> {
  await attempt(train);
}

/** Stops for good, and validates what there is. */
export async function stop(): Promise<void> {
  if (phase.value === 'paused') await finish();
  else {
    isEnding = true;
    pauseTraining();
  }
}

/** Whether the steps under way are to be the last. */
let isEnding = false;

/** Makes room for another training; the model of this one stays until then. */
export function another(): void {
  phase.value = 'idle';
  running.value = undefined;
}

async function train(): Promise<void> {
  isEnding = false;
  stopping = new AbortController();
  phase.value = 'running';
  const { reason } = await runTask('runTraining', undefined, {
    signal: stopping.signal,
    onEvent: (event) => batch(() => hear(event)),
  });
  if (reason === 'finished') phase.value = 'done';
  else if (reason === 'max-steps' || isEnding) await finish();
  else phase.value = 'paused';
}

/** Validates where the last epoch did not end with the last step. */
async function finish(): Promise<void> {
  await attempt(async () => {
    phase.value = 'validating';
    const end = await runTask('validateTraining', undefined);
    if (end.report) addEpoch(end.report);
    phase.value = 'done';
  });
}

function hear(event: TrainingEvent): void {
  switch (event.kind) {
    case 'steps':
      addSteps(event.steps);
      pace.value = event;
      wasHidden = document.hidden;
      break;
    case 'epoch':
      addEpoch(event.report, event.seconds);
      break;
    case 'best':
      best.value = event.round;
      break;
    case 'saved':
      savedStep.value = event.step;
      break;
    case 'slow': {
      const { slow } = event;
      const reason = slow.reason === 'unknown' && wasHidden ? 'hidden' : slow.reason;
      note({ kind: 'slow', slow: { ...slow, reason } });
      break;
    }
    case 'corrupt':
      notes.value = [...notes.value.filter(({ kind }) => kind !== 'corrupt'), event];
      break;
    default:
      note(event);
  }
}

/** Notes that are shown at most; the newest stay. */
const MOST_NOTES = 50;

function note(added: Note): void {
  notes.value = [...notes.value, added].slice(-MOST_NOTES);
}

/** What fails is told; a training that fails can be gone on with from its last snapshot. */
async function attempt(work: () => Promise<unknown>): Promise<void> {
  failure.value = undefined;
  try {
    await work();
  } catch (error) {
    failure.value = failureOf(error);
    if (phase.value === 'idle') return;
    another();
    resumable.value = await runTask('lookForTraining', undefined).catch(() => undefined);
  }
}
