/**
 * How many tasks a member may keep so that all get their share, while tasks are given out one after the
 * other.
 */
export class Quota {
  #tasks: number;
  #members: number;
  #each: number;

  constructor(tasks: number, members: number) {
    this.#tasks = tasks;
    this.#members = members;
    this.#each = share(tasks, members);
  }

  isUnfilled(count: number): boolean {
    return count < this.#each;
  }

  /** A member has this many now: when that is its share, the rest is for the others. */
  given(count: number): void {
    if (count !== this.#each) return;
    this.#members -= 1;
    this.#tasks -= count;
    this.#each = share(this.#tasks, this.#members);
  }
}

function share(tasks: number, members: number): number {
  return members === 0 ? 0 : Math.ceil(tasks / members);
}
