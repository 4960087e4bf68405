/**
 * @file One tab of a browser trains at a time: what is kept of a training has one place for all of them.
 */

import { FoveaError } from 'fovea';

const LOCK = 'fovea application training';
/** Milliseconds that a tab which was just closed, or this page before it was opened again, may take to end. */
const PATIENCE = 3000;

/** Whether this tab has the place; it keeps it until it is closed. */
let isOurs = false;

/** Takes the place of what is kept for this tab. Throws 'in-use' where another tab has it. */
export async function claimTraining(): Promise<void> {
  if (isOurs) return;
  isOurs = await take(() => new Promise(() => {}));
  if (!isOurs)
    throw new FoveaError('in-use', 'Another tab of this browser has a training: close it, then try again.');
}

/** Whether another tab has the place. */
export async function isTrainingElsewhere(): Promise<boolean> {
  return !isOurs && !(await take(() => Promise.resolve()));
}

/** Whether the lock was to be had; it is held until `until` resolves. */
function take(until: () => Promise<void>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const hold = () => {
      resolve(true);
      return until();
    };
    navigator.locks.request(LOCK, { signal: AbortSignal.timeout(PATIENCE) }, hold).catch((error: unknown) => {
      if (error instanceof DOMException && ['AbortError', 'TimeoutError'].includes(error.name))
        resolve(false);
      else reject(error);
    });
  });
}
