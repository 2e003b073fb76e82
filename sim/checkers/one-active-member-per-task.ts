import type { Violations } from './violations.ts';

interface Membership {
  readonly tasks: ReadonlySet<string>;
  /** When it sent the last heartbeat that was answered, in milliseconds. */
  readonly heardAt: number;
}

/**
 * No task of a streams group is given to a member while another works on it: that one has it until it was
 * told to give it back, or has ended, or was silent for a whole session.
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

  /** A heartbeat was answered, and these are the tasks that the member works on from here. */
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

  /** It works on nothing any more. */
  ended(member: string): void {
    this.#memberships.delete(member);
  }
}
