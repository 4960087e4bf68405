/** @file Web Workers that decode images. */

import { FUNCTION, type Rule } from '../../arguments.ts';
import type { DecodeMessage, DecodeReply } from '../decoding/messages.ts';
import type { DecodeThread, ThreadEvents } from '../decoding/thread.ts';
import { ThreadPool } from '../decoding/thread-pool.ts';
import type { PageDecodeRequest } from './decode-worker.ts';
import type { PageCache } from './page-cache.ts';

/** Each takes 50 MB, and as much again for a photograph of 4 megapixels. */
const MAX_DEFAULT_WORKERS = 8;

/** How many workers a pool has by default: one per processor, but no more than 8. */
export const defaultWorkers = (): number => Math.min(navigator.hardwareConcurrency, MAX_DEFAULT_WORKERS);

/** Where the code of the decoding worker lies, or what starts one. */
export type DecodeWorkerSource = string | URL | (() => Worker);

/** A {@link DecodeWorkerSource}. */
export const WORKER_SOURCE: Rule = {
  holds: (value) =>
    (typeof value === 'string' && value !== '') || value instanceof URL || FUNCTION.holds(value),
  words: 'the URL of fovea’s browser-decode-worker.js, or a function that starts a Worker with it',
};

/** A pool of Web Workers. */
export class PageDecodePool extends ThreadPool<Pick<PageDecodeRequest, 'cache'>> {
  /** @param source by default the file beside this one */
  constructor(workers: number, source?: DecodeWorkerSource, cache?: PageCache) {
    super({
      workers,
      cache,
      start: (events) => startThread(source, events),
      extras: () => ({ cache: cache?.folder }),
      // Nothing says that messages come before a timer, but a tenth of a second is enough for one that lies ready.
      afterReplies: (callback) => void setTimeout(callback, 100),
    });
  }
}

function startThread(source: DecodeWorkerSource | undefined, { onReply, onEnd }: ThreadEvents): DecodeThread {
  const worker = startWorker(source);
  worker.onmessage = ({ data }: MessageEvent<DecodeReply>) => onReply(data);
  worker.onerror = ({ message }) => {
    worker.terminate();
    onEnd(
      message ||
        'its code cannot be loaded: give ImageDataset the URL of browser-decode-worker.js as `worker`, see docs/browser.md',
    );
  };
  return {
    post: (message: DecodeMessage, transferred) => worker.postMessage(message, transferred),
    hold() {},
    release() {},
    end: async () => worker.terminate(),
  };
}

function startWorker(source: DecodeWorkerSource | undefined): Worker {
  if (typeof source === 'function') return source();
  // Bundlers know these very words, and take the worker along.
  if (source === undefined)
    return new Worker(new URL('./decode-worker.ts', import.meta.url), { type: 'module' });
  const url = new URL(source, location.href);
  if (url.origin === location.origin) return new Worker(url, { type: 'module' });
  // Browsers start no worker of another origin, but one of a page's own may import from there.
  const text = `import ${JSON.stringify(url.href)};`;
  return new Worker(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })), { type: 'module' });
}
