/**
 * @file The suite as a script of a page, or of a Web Worker that it starts where its address says `?worker`: takes `input.json` from
 * where it comes from, and posts a line for each check to `/report` there.
 */

import type { Line } from './report.ts';
import { runSuite } from './suite.ts';

let sent: Promise<unknown> = Promise.resolve();

/** Posts lines one after the other, so that they arrive in order. */
function send(line: Line): void {
  sent = sent.then(() => fetch('/report', { method: 'POST', body: JSON.stringify(line) }));
}

if (typeof document !== 'undefined' && location.search === '?worker') {
  const worker = new Worker(import.meta.url, { type: 'module' });
  worker.onerror = ({ message }) => send({ trouble: message });
} else {
  try {
    const input = await (await fetch('/input.json')).json();
    await runSuite(navigator.gpu, input, send);
  } catch (error) {
    send({ trouble: String(error) });
  }
}
