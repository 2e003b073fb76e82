import type { Disk } from '../base/disk.ts';
import { MarkSlots } from './mark-slots.ts';
import { replicaInName } from './partition-folder.ts';
import { SyncMark } from './sync-mark.ts';

/**
 * Of which logs of a data folder a sync is under way or failed, or a cut is not synced yet. A sync that fails
 * leaves what it should have written in the page cache, as if the device had it: no later sync writes it, and
 * the kernel tells of it once, perhaps only a process that is killed before it hears of it. And a process
 * that is killed after a cut leaves a log of which nothing tells that the device has more. So a log is marked
 * before a sync begins and when it is cut, and no more once a sync has succeeded. A log that is opened
 * with a mark writes anew what lies beyond its recovery point (`rewriteFrom`), takes appends when the device
 * has that, and loses the mark then.
 */
export class SyncMarks {
  readonly #slots: MarkSlots;
  readonly #marks = new Map<string, SyncMark>();

  /** `clean`: the process before this one stopped in order, and no log is in doubt. Throws DiskError. */
  constructor(disk: Disk, folder: string, { clean }: { readonly clean: boolean }) {
    this.#slots = new MarkSlots(disk, folder);
    const exists = (name: string) => !clean && disk.exists(`${folder}/${name}`);
    for (const { slot, name } of this.#slots.found) {
      if (exists(name) && !this.#marks.has(name)) this.#add(name, slot);
      else this.#slots.giveBack(slot);
    }
    if (!this.#slots.saysAll) return;
    const others = disk.list(folder).filter((name) => replicaInName(name) && !this.#marks.has(name));
    for (const name of clean ? [] : others) this.#add(name, this.#slots.shareAll());
    this.#slots.endAllIfUnused();
  }

  /** The mark of the log in this folder. */
  of(name: string): SyncMark {
    return this.#marks.get(name) ?? this.#add(name, null);
  }

  /** The folder has another name now, or is gone: what comes under this one is made anew. */
  left(name: string): void {
    this.#marks.get(name)?.leave();
    this.#marks.delete(name);
  }

  /** From here on every mark stays as it is. */
  close(): void {
    this.#slots.close();
  }

  #add(name: string, slot: number | null): SyncMark {
    const mark = new SyncMark(this.#slots, { name, slot });
    this.#marks.set(name, mark);
    return mark;
  }
}
