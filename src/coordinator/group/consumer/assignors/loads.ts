import type { Uuid } from '../../../../base/brand.ts';
import type { Assignment } from '../assignment.ts';
import type { AssignableMember } from './assignable-member.ts';

interface Load {
  readonly memberId: string;
  readonly partitions: Map<Uuid, Set<number>>;
  readonly subscribers: SubscriptionClass;
  count: number;
}

/**
 * How many partitions each member has while an assignment is made. Members with the same subscription form a
 * class: within it the one with least and the one with most are found by their counts, so that many members
 * of one kind cost no more than few.
 */
export class Loads {
  /** In the order of their ids: the same members are always assigned the same. */
  readonly members: readonly AssignableMember[];
  readonly #byMember = new Map<string, Load>();
  readonly #classes = new Map<string, SubscriptionClass>();
  /** The classes that may be given a topic's partitions. */
  readonly #byTopic = new Map<Uuid, SubscriptionClass[]>();

  constructor(members: readonly AssignableMember[]) {
    this.members = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
    for (const { memberId, topicIds } of this.members) {
      const key = [...topicIds].sort().join(' ');
      const known = this.#classes.get(key);
      const subscribers = known ?? new SubscriptionClass();
      const load: Load = { memberId, partitions: new Map(), subscribers, count: 0 };
      this.#byMember.set(memberId, load);
      subscribers.add(load);
      if (known) continue;
      this.#classes.set(key, subscribers);
      for (const topicId of topicIds)
        this.#byTopic.set(topicId, [...(this.#byTopic.get(topicId) ?? []), subscribers]);
    }
  }

  give(memberId: string, topicId: Uuid, partition: number): void {
    const load = this.#byMember.get(memberId);
    if (!load) return;
    const partitions = load.partitions.get(topicId);
    if (partitions) partitions.add(partition);
    else load.partitions.set(topicId, new Set([partition]));
    load.subscribers.count(load, 1);
  }

  /** The subscriber of the topic that has least. */
  least(topicId: Uuid): string | undefined {
    return this.#leastOf(topicId)?.memberId;
  }

  /**
   * Moves partitions one at a time from members with more to those that may have them and have less, most to
   * least first, until no move makes two members more alike. Each move lowers the sum of squares of the
   * counts, so it ends.
   */
  balance(): void {
    for (let moved = true; moved; ) {
      moved = false;
      for (const subscribers of this.#classes.values())
        while (this.#relieveOneOf(subscribers.most())) moved = true;
      if (moved) continue;
      for (const load of this.#byMember.values()) while (this.#relieve(load)) moved = true;
    }
  }

  assignments(): ReadonlyMap<string, Assignment> {
    return new Map([...this.#byMember.values()].map(({ memberId, partitions }) => [memberId, partitions]));
  }

  #relieveOneOf(loads: ReadonlySet<Load>): boolean {
    for (const load of loads) if (this.#relieve(load)) return true;
    return false;
  }

  /** Takes one partition from a member and gives it to one that has less by two. */
  #relieve(load: Load): boolean {
    for (const [topicId, partitions] of load.partitions) {
      const least = this.#leastOf(topicId);
      if (!least || least.count >= load.count - 1) continue;
      for (const partition of partitions) {
        partitions.delete(partition);
        if (partitions.size === 0) load.partitions.delete(topicId);
        load.subscribers.count(load, -1);
        this.give(least.memberId, topicId, partition);
        return true;
      }
    }
    return false;
  }

  #leastOf(topicId: Uuid): Load | undefined {
    let least: Load | undefined;
    for (const subscribers of this.#byTopic.get(topicId) ?? []) {
      const candidate = subscribers.least();
      if (candidate && (!least || candidate.count < least.count)) least = candidate;
    }
    return least;
  }
}

/** The members with one subscription, by how much they have. */
class SubscriptionClass {
  readonly #byCount: Set<Load>[] = [];
  #least = 0;
  #most = 0;

  add(load: Load): void {
    this.#at(load.count).add(load);
  }

  count(load: Load, by: 1 | -1): void {
    this.#at(load.count).delete(load);
    load.count += by;
    this.#at(load.count).add(load);
    this.#least = Math.min(this.#least, load.count);
    this.#most = Math.max(this.#most, load.count);
  }

  least(): Load | undefined {
    while (this.#least < this.#most && this.#at(this.#least).size === 0) this.#least += 1;
    return this.#at(this.#least).values().next().value;
  }

  most(): ReadonlySet<Load> {
    while (this.#most > 0 && this.#at(this.#most).size === 0) this.#most -= 1;
    return this.#at(this.#most);
  }

  #at(count: number): Set<Load> {
    const known = this.#byCount[count];
    if (known) return known;
    const made = new Set<Load>();
    this.#byCount[count] = made;
    return made;
  }
}
