import type { HeldTasks } from './tasks.ts';

/** Which members have a task in one role, or were asked to give it back and have not. */
export class TaskHolders {
  readonly #holders = new Map<string, Map<number, Set<string>>>();

  hold(memberId: string, held: HeldTasks): void {
    for (const [subtopologyId, partitions] of held) {
      const bySubtopology = this.#holders.get(subtopologyId) ?? new Map<number, Set<string>>();
      this.#holders.set(subtopologyId, bySubtopology);
      for (const partition of partitions.keys()) {
        const members = bySubtopology.get(partition);
        if (members) members.add(memberId);
        else bySubtopology.set(partition, new Set([memberId]));
      }
    }
  }

  release(memberId: string, held: HeldTasks): void {
    for (const [subtopologyId, partitions] of held) {
      const bySubtopology = this.#holders.get(subtopologyId);
      if (!bySubtopology) continue;
      for (const partition of partitions.keys()) {
        const members = bySubtopology.get(partition);
        members?.delete(memberId);
        if (members?.size === 0) bySubtopology.delete(partition);
      }
      if (bySubtopology.size === 0) this.#holders.delete(subtopologyId);
    }
  }

  of(subtopologyId: string, partition: number): ReadonlySet<string> {
    return this.#holders.get(subtopologyId)?.get(partition) ?? NOBODY;
  }
}

const NOBODY: ReadonlySet<string> = new Set();
