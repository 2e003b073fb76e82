import type { Violations } from './violations.ts';

interface Membership {
  readonly tasks: ReadonlySet<string>;
  /** The time, in milliseconds, when it sent the last heartbeat that was answered. */
  readonly heardAt: number;
}

/**
 * A task of a streams group is not given to a member while another member works on it. A member works on a
 * task until it is told to give it back, ends, or is silent for a whole session.
 */
export class OneActiveMemberPerTask {
  readonly #violations: Violations;
  readonly #now: () => number;
  readonly #sessionMs: number;
  readonly #memberships = new Map<string, Membership>();

  constructor(violations: Violations, options: { readonly now: () => number; readonly sessionMs: number }) {
    this.#violations = violations;
    this.#now = options.now;
    this.#sessionMs = options.sessionMs;
  }

  /** A heartbeat was answered: the member works on these tasks from now on. */
  told(member: string, { tasks, heardAt }: Membership): void {
    const before = this.#memberships.get(member)?.tasks;
    for (const task of tasks) {
      if (before?.has(task)) continue;
      for (const [other, known] of this.#memberships)
        if (other !== member && known.tasks.has(task) && this.#now() < known.heardAt + this.#sessionMs)
          this.#violations.add('OneActiveMemberPerTask', `${member} was given ${task}, which ${other} has`);
    }
    this.#memberships.set(member, { tasks: new Set(tasks), heardAt });
  }

  /** The member works on no task any more. */
  ended(member: string): void {
    this.#memberships.delete(member);
  }
}
