/**
 * @file Waiting in Node without a busy loop.
 *
 * While a promise of Dawn's is open, Dawn asks for its state in every turn of Node's event loop and has the loop
 * turn again at once: one core is busy waiting. An adapter that computes on the same cores needs that one too (on two
 * cores it is then 1.4 to 1.8 times as fast). So each turn sleeps, the longer the wait has lasted the longer.
 */

/** The longest sleep, in milliseconds: by so much a turn of the event loop may be late. */
const LONGEST = 1;

/** The shortest, in milliseconds: operating systems sleep hardly less, and short waits are better spun. */
const SHORTEST = 0.05;

/** By this share of itself a wait may last longer than needed. */
const SHARE = 1 / 16;

/** Nobody wakes it: waiting for it is how JavaScript sleeps. */
const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Sleeps between the turns of the event loop for as long as something is waited for. */
export class Rest {
  #waits = 0;
  #since = 0;
  #turning = false;

  /** Waits for `promise`, and gives what it gives. */
  async during<T>(promise: Promise<T>): Promise<T> {
    if (this.#waits++ === 0) this.#since = performance.now();
    this.#turn();
    try {
      return await promise;
    } finally {
      this.#waits--;
    }
  }

  /** One loop of turns serves all that wait. */
  #turn(): void {
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(() => {
      this.#turning = false;
      if (this.#waits === 0) return;
      const sleep = (performance.now() - this.#since) * SHARE;
      if (sleep >= SHORTEST) Atomics.wait(never, 0, 0, Math.min(LONGEST, sleep));
      this.#turn();
    });
  }
}
