import { assert } from '../src/base/assert.ts';
import { DiskError } from '../src/base/disk.ts';
import { below, type Random } from '../src/base/random.ts';
import type { DiskFaults } from './disk-faults.ts';
import { SimInode } from './sim-inode.ts';

type Folder = Map<string, Entry>;
type Entry = SimInode | Folder;
type Operation =
  | { readonly type: 'create'; readonly path: string; readonly inode: SimInode }
  | { readonly type: 'makeFolder'; readonly path: string }
  | { readonly type: 'rename'; readonly path: string; readonly to: string }
  | { readonly type: 'remove'; readonly path: string };

/**
 * The names of files and folders, kept twice like the bytes of a file: as processes see them, and as the
 * device has them. Changes of names are journalled in order, as ext4 and XFS do: syncing a folder makes all
 * changes durable up to the folder's last, and a crash keeps some of the changes after that, never a later
 * one without an earlier. Syncing a file does not make its name durable.
 */
export class FileTree {
  #current: Folder = new Map();
  #durable: Folder = new Map();
  #journal: Operation[] = [];
  #settled = 0;

  usedBytes(): number {
    return used(this.#current);
  }

  has(path: string): boolean {
    return find(this.#current, path) !== undefined;
  }

  file(path: string): SimInode | undefined {
    const entry = find(this.#current, path);
    return entry instanceof SimInode ? entry : undefined;
  }

  /** The bytes of a file that survive a power loss for certain, as long as nothing was overwritten. */
  durableSize(path: string): number {
    const entry = find(this.#durable, path);
    return entry instanceof SimInode ? entry.durableSize : 0;
  }

  create(path: string): SimInode {
    const inode = new SimInode();
    this.#change({ type: 'create', path, inode });
    return inode;
  }

  list(path: string): string[] {
    const entry = find(this.#current, path);
    if (!(entry instanceof Map)) throw new DiskError('ENOENT', path, 'list');
    return [...entry.keys()].sort();
  }

  makeFolder(path: string): void {
    this.#change({ type: 'makeFolder', path });
  }

  rename(from: string, to: string): void {
    this.#change({ type: 'rename', path: from, to });
  }

  remove(path: string): void {
    this.#change({ type: 'remove', path });
  }

  isFolder(path: string): boolean {
    return find(this.#current, path) instanceof Map;
  }

  /** The journal position that a sync of this folder makes durable if it begins now. */
  position(path: string): number {
    const last = this.#journal.findLastIndex(
      (operation) =>
        parent(operation.path) === path || (operation.type === 'rename' && parent(operation.to) === path),
    );
    return this.#settled + last + 1;
  }

  settle(position: number): void {
    const taken = this.#journal.splice(0, Math.max(0, position - this.#settled));
    this.#settled += taken.length;
    for (const operation of taken) apply(this.#durable, operation);
  }

  copy(): FileTree {
    const copies = new Map<SimInode, SimInode>();
    return this.#mapped((inode) => {
      const known = copies.get(inode);
      if (known) return known;
      const copy = inode.copy();
      copies.set(inode, copy);
      return copy;
    });
  }

  afterCrash(random: Random, faults: DiskFaults): FileTree {
    const survivors = new FileTree();
    survivors.#durable = this.#durable;
    survivors.#journal = this.#journal.slice(0, below(random, this.#journal.length + 1));
    const crashed = new Map<SimInode, SimInode>();
    const mapped = survivors.#mapped((inode) => {
      const known = crashed.get(inode);
      if (known) return known;
      const survivor = inode.afterCrash(random, faults.crashLeavesHoles);
      crashed.set(inode, survivor);
      return survivor;
    });
    mapped.settle(mapped.#settled + mapped.#journal.length);
    mapped.#current = clone(mapped.#durable, (inode) => inode);
    return mapped;
  }

  #mapped(map: (inode: SimInode) => SimInode): FileTree {
    const tree = new FileTree();
    tree.#durable = clone(this.#durable, map);
    tree.#current = clone(this.#current, map);
    tree.#journal = this.#journal.map((operation) =>
      operation.type === 'create' ? { ...operation, inode: map(operation.inode) } : operation,
    );
    tree.#settled = this.#settled;
    return tree;
  }

  #change(operation: Operation): void {
    apply(this.#current, operation);
    this.#journal.push(operation);
  }
}

export function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function find(root: Folder, path: string): Entry | undefined {
  let entry: Entry | undefined = root;
  for (const name of names(path)) {
    if (!(entry instanceof Map)) return undefined;
    entry = entry.get(name);
  }
  return entry;
}

/**
 * The caller has checked the operation as a file system does; the journal is applied in order, so it is still
 * valid.
 */
function apply(root: Folder, operation: Operation): void {
  const folder = find(root, parent(operation.path));
  assert(folder instanceof Map, `the folder of ${operation.path} exists`);
  const name = last(operation.path);
  switch (operation.type) {
    case 'create':
      folder.set(name, operation.inode);
      return;
    case 'makeFolder':
      folder.set(name, new Map());
      return;
    case 'remove':
      folder.delete(name);
      return;
    case 'rename': {
      const target = find(root, parent(operation.to));
      const moved = folder.get(name);
      assert(target instanceof Map, `the folder of ${operation.to} exists`);
      assert(moved, `${operation.path} exists`);
      folder.delete(name);
      target.set(last(operation.to), moved);
    }
  }
}

function names(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

function last(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function clone(folder: Folder, map: (inode: SimInode) => SimInode): Folder {
  return new Map(
    [...folder].map(([name, entry]) => [name, entry instanceof SimInode ? map(entry) : clone(entry, map)]),
  );
}

function used(folder: Folder): number {
  let bytes = 0;
  for (const entry of folder.values()) bytes += entry instanceof SimInode ? entry.size : used(entry);
  return bytes;
}
