/**
 * @file The engine: a Web Worker in which all computing is done.
 */

import { Engine } from './engine.ts';
import { failureOf } from './failure.ts';
import type { Job, Reply, Request } from './protocol.ts';
import { TASKS, type TaskName } from './tasks.ts';

/** The part of a worker's scope that is used here; TypeScript has it in a library that clashes with the page's. */
interface WorkerScope {
  onmessage: ((message: MessageEvent<Request>) => void) | null;
  postMessage(reply: Reply, transfer?: Transferable[]): void;
}

const scope = self as object as WorkerScope;
const engine = new Engine();
const running = new Map<number, AbortController>();

scope.onmessage = ({ data: request }) => {
  if (request.kind === 'abort') running.get(request.id)?.abort();
  else void perform(request.id, request.task as TaskName, request.input);
};

async function perform(id: number, name: TaskName, input: unknown): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const { run } = await TASKS[name]();
    const job: Job<unknown> = {
      engine,
      signal: controller.signal,
      report: (event, transfer) => scope.postMessage({ kind: 'event', id, event }, transfer),
    };
    // The page's side has checked that the input is that task's.
    const result = await (run as (input: unknown, job: Job<unknown>) => Promise<unknown>)(input, job);
    scope.postMessage({ kind: 'result', id, result });
  } catch (error) {
    scope.postMessage({ kind: 'failure', id, failure: failureOf(error) });
  } finally {
    running.delete(id);
  }
}
