/** @file Groups of things that belong together, directly or through others. */

/** Joins pairs to groups. */
export class Groups<T> {
  readonly #groupOf = new Map<T, T[]>();

  /** Has `a` and `b`, and all that belongs to one of them, in one group. */
  join(a: T, b: T): void {
    const target = this.of(a);
    const moved = this.of(b);
    if (moved === target) return;
    target.push(...moved);
    for (const item of moved) this.#groupOf.set(item, target);
  }

  /** The group of `item`, at first it alone. */
  of(item: T): T[] {
    let group = this.#groupOf.get(item);
    if (!group) this.#groupOf.set(item, (group = [item]));
    return group;
  }

  /** All groups, in the order in which their first members were seen. */
  get all(): T[][] {
    return [...new Set(this.#groupOf.values())];
  }
}
