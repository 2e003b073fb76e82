import type { Violations } from './violations.ts';

/** The epoch of a coordinator's leadership; null when the coordinator asked is not known to lead. */
export type Term = number | null;

/** The members that had the place of an instance when a process asked for it. */
export interface Asking {
  readonly instance: string;
  readonly holders: ReadonlySet<string>;
  /** How many places had changed hands by then. */
  readonly changes: number;
}

interface Lost {
  readonly by: string;
  /** The only term in which that is certain; `always`: it was stored before it was answered. */
  readonly term: number | 'always';
  /** Counts the places that had changed hands, with this one. */
  readonly change: number;
}

interface Heard {
  /** The time, in milliseconds, when the heartbeat was sent. */
  readonly sentAt: number;
  readonly term: Term;
}

/**
 * A static member (KIP-345) is one process: when another one was answered that it has the place, or an
 * administrator that the place is empty, nothing that the former member sends after that is taken. Where a
 * place must be released first (KIP-848), nobody is given the place of a member that is heard.
 */
export class OneProcessPerInstance {
  readonly #violations: Violations;
  readonly #now: () => number;
  readonly #sessionMs: number;
  readonly #holders = new Map<string, Set<string>>();
  readonly #lost = new Map<string, Lost>();
  readonly #heard = new Map<string, Heard>();
  readonly #released = new Set<string>();
  /** Members that have asked for the place of an instance and were not answered. */
  readonly #joining = new Map<string, Set<string>>();
  /** Removals that were asked for in a term and not answered; one whose answer is lost stays. */
  readonly #removals = new Map<Asking, Term>();
  #changes = 0;

  constructor(violations: Violations, options: { readonly now: () => number; readonly sessionMs: number }) {
    this.#violations = violations;
    this.#now = options.now;
    this.#sessionMs = options.sessionMs;
  }

  /** How often a process took the place of another one, or an administrator emptied a place. */
  get changes(): number {
    return this.#changes;
  }

  /**
   * Called before the request that asks for the place of an instance. `as`: the id, where the process chooses
   * it, and the term of the coordinator that is asked.
   */
  asks(instance: string, as?: { readonly member: string; readonly term: Term }): Asking {
    if (as) {
      this.#joining.set(instance, (this.#joining.get(instance) ?? new Set()).add(as.member));
      // A removal that is under way may come after the member.
      for (const [removal, term] of this.#removals)
        if (removal.instance === instance && (term === null || term === as.term)) this.releases(as.member);
    }
    return { instance, holders: new Set(this.#holders.get(instance)), changes: this.#changes };
  }

  /** Called before the request that empties the place of an instance. */
  asksRemoval(instance: string, term: Term): Asking {
    const asking = this.asks(instance);
    for (const member of [...asking.holders, ...(this.#joining.get(instance) ?? [])]) this.releases(member);
    this.#removals.set(asking, term);
    return asking;
  }

  /** The process was answered that it is the member of the instance. */
  took({ instance, holders, changes }: Asking, member: string): void {
    const lost = this.#lost.get(member);
    if (lost?.term === 'always') {
      // The answer may have been on its way since before that.
      if (lost.change <= changes) this.#complain(instance, member, 'joined', lost);
      return;
    }
    for (const other of holders) if (other !== member) this.#loses(instance, other, member, 'always');
    this.#holders.set(instance, (this.#holders.get(instance) ?? new Set()).add(member));
    this.#joining.get(instance)?.delete(member);
  }

  /**
   * An administrator was answered: by a coordinator in this term that nobody has the place; null for any
   * other answer.
   */
  removed(asking: Asking, term: Term): void {
    this.#removals.delete(asking);
    if (term === null) return;
    const { instance, holders } = asking;
    for (const other of holders) this.#loses(instance, other, 'an administrator', term);
  }

  /** A heartbeat of the member was answered without an error. */
  heard(member: string, heard: Heard): void {
    this.#heard.set(member, heard);
  }

  /** The member is about to say that its place is free, or somebody says it for the member. */
  releases(member: string): void {
    this.#released.add(member);
  }

  /** A process was given the place in this term, without being told that it is taken. */
  givenUnreleased({ instance, holders }: Asking, member: string, term: Term): void {
    for (const other of holders) {
      const heard = this.#heard.get(other);
      if (other === member || this.#released.has(other) || this.#lost.has(other)) continue;
      if (!heard || term === null || heard.term !== term) continue;
      if (this.#now() < heard.sentAt + this.#sessionMs)
        this.#violations.add(
          'OneProcessPerInstance',
          `${member} was given the place of ${instance}, which ${other} had not released`,
        );
    }
  }

  /** Callers ask before they send a commit of the member. */
  hasLost(member: string): Lost | undefined {
    return this.#lost.get(member);
  }

  /** A commit was taken; `lost` is what held when it was sent. */
  committed(instance: string, member: string, { lost, term }: { lost: Lost | undefined; term: Term }): void {
    if (lost && (lost.term === 'always' || lost.term === term))
      this.#complain(instance, member, 'committed', lost);
  }

  #loses(instance: string, member: string, by: string, term: number | 'always'): void {
    if (this.#lost.get(member)?.term === 'always') return;
    this.#changes++;
    this.#lost.set(member, { by, term, change: this.#changes });
    if (term === 'always') this.#holders.get(instance)?.delete(member);
  }

  #complain(instance: string, member: string, what: string, { by }: Lost): void {
    this.#violations.add(
      'OneProcessPerInstance',
      `${member} ${what} as ${instance} after ${by} had been told that its place is no longer its own`,
    );
  }
}
