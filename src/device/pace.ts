/**
 * @file How much work a submit may hold: as much as the adapter was seen to do in the time that one may last.
 *
 * A GPU that is busy with one submit for about two seconds is reset by Windows; while it is, nothing is drawn, of a page or
 * of a phone's whole screen. So submits are cut by their *work*: multiply-adds, and bytes of buffers as so many of them.
 *
 * The speed is learnt where somebody waits for the device anyway, and from nothing else: what was submitted took at most the
 * time since the first of it, and at least the time of the wait. As long as the speed agrees with both it stays. So it does
 * not matter what JavaScript does between submits, and work that is done too fast to be measured needs no cuts.
 */

/**
 * Milliseconds that a submit should last, were all kernels equally fast. The slowest do a third of the mean in a millisecond, on SwiftShader a
 * seventh, and may be all that a submit holds, which should never last 100.
 */
const MEAN_SUBMIT = 12.5;

/** Milliseconds of a wait that tells how fast the adapter is at most: shorter ones may be those for the event loop. */
const LONG_WAIT = 50;

/** Multiply-adds per millisecond, before anything was measured: those of a slow phone. */
const FIRST_SPEED = 5e6;

/** Whatever was measured: a wait for something else, such as a page out of sight, must not be taken for the adapter's speed. */
const LEAST_SPEED = 1e5;

/** One measurement changes the speed by this factor at most. */
const MOST_CHANGE = 4;

/** How many multiply-adds a byte of a bound buffer counts for: software adapters do 4 meanwhile, GPUs 10 to 30. */
const WORK_PER_BYTE = 8;

/** What a dispatch or a copy costs, in multiply-adds. `bytes` are those of all that it reads or writes. */
export function workOf(multiplyAdds: number, bytes: number): number {
  return multiplyAdds + WORK_PER_BYTE * bytes;
}

/** The speed of an adapter, measured all the time. */
export class Pace {
  #speed = FIRST_SPEED;
  /** What was submitted and not yet waited for, and when the adapter can have begun with it. */
  #work = 0;
  #since = 0;
  #waiting = false;

  /** The work that a submit may hold. */
  get workPerSubmit(): number {
    return this.#speed * MEAN_SUBMIT;
  }

  /** Takes note of a submit. */
  submitted(work: number): void {
    if (this.#work === 0) this.#since = performance.now();
    this.#work += work;
  }

  /** Waits for `promise`, which tells that all is done that was submitted so far. One wait at a time is measured. */
  async during<T>(promise: Promise<T>): Promise<T> {
    if (this.#waiting || this.#work === 0) return promise;
    const [work, since] = [this.#work, this.#since];
    this.#work = 0;
    this.#waiting = true;
    const start = performance.now();
    try {
      const result = await promise;
      const end = performance.now();
      this.#learn(work / (end - since), end - start > LONG_WAIT ? work / (end - start) : Infinity);
      this.#since = end;
      return result;
    } finally {
      this.#waiting = false;
    }
  }

  /** The speed was between these two. */
  #learn(least: number, most: number): void {
    const measured = Math.min(Math.max(this.#speed, least), most);
    const changed = Math.min(Math.max(measured, this.#speed / MOST_CHANGE), this.#speed * MOST_CHANGE);
    this.#speed = Math.max(changed, LEAST_SPEED);
  }
}
