/**
 * @file What a pool sees of a thread that decodes, whichever platform's it is.
 */

import type { DecodeMessage, DecodeReply } from './messages.ts';

/** A thread that decodes one image after another. */
export interface DecodeThread {
  /** Tells it something; what is `transferred` goes over to it. */
  post(message: DecodeMessage, transferred: ArrayBuffer[]): void;
  /** Has it keep the process alive. */
  hold(): void;
  /** Has it no longer keep the process alive. */
  release(): void;
  /** Ends it. */
  end(): Promise<unknown>;
}

/** What a pool wants to know of a thread. */
export interface ThreadEvents {
  onReply(reply: DecodeReply): void;
  /** It has come to its end, or broke down, for this reason. */
  onEnd(reason: string): void;
}
