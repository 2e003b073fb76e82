import { type Disk, DiskError, type File, type FileSystemSpace } from '../src/base/disk.ts';
import { below, type Random } from '../src/base/random.ts';
import { between, chance } from './chance.ts';
import { type FileTree, parent } from './file-tree.ts';
import type { SimInode } from './sim-inode.ts';
import type { SimProcess } from './sim-process.ts';

const READ_MS = [0.02, 0.5] as const;
/** What `space` returns if the scenario set no limit. */
const UNLIMITED_BYTES = 2 ** 50;

/** One process's view of its host's disk. */
export class SimDisk implements Disk {
  readonly #process: SimProcess;
  readonly #tree: FileTree;
  readonly #random: Random;
  /** Syncs that are under way and will fail. */
  readonly #failing = new Set<{ readonly inode: SimInode; readonly position: number }>();

  constructor(process: SimProcess, tree: FileTree, random: Random) {
    this.#process = process;
    this.#tree = tree;
    this.#random = random;
  }

  /** The process is killed: the kernel ends the syncs that it began, and nobody hears which of them failed. */
  killed(): void {
    for (const { inode, position } of this.#failing) inode.giveUp(position, this.#random);
    this.#failing.clear();
  }

  open(path: string, mode: 'read' | 'write' | 'create'): File {
    const { refused } = this.#faults;
    if (refused && path.startsWith(`${refused.folder}/`)) throw new DiskError(refused.code, path, 'open');
    const known = this.#tree.file(path);
    if (known) return this.#file(path, known, mode);
    if (this.#tree.has(path)) throw new DiskError('EOTHER', path, 'open folder');
    if (mode !== 'create' || !this.#tree.isFolder(parent(path))) throw new DiskError('ENOENT', path, 'open');
    const created = this.#tree.create(path);
    this.#process.diskOperation();
    return this.#file(path, created, mode);
  }

  exists(path: string): boolean {
    return this.#tree.has(path);
  }

  list(path: string): string[] {
    return this.#tree.list(path);
  }

  makeDirectory(path: string): void {
    if (path === '/' || this.#tree.isFolder(path)) return;
    if (this.#tree.has(path)) throw new DiskError('EEXIST', path, 'make directory');
    this.makeDirectory(parent(path));
    this.#tree.makeFolder(path);
    this.#process.diskOperation();
  }

  rename(from: string, to: string): void {
    if (!this.#tree.has(from) || !this.#tree.isFolder(parent(to)))
      throw new DiskError('ENOENT', from, 'rename');
    if (this.#tree.isFolder(to) && this.#tree.list(to).length > 0)
      throw new DiskError('EEXIST', to, 'rename');
    if (this.#tree.isFolder(from) && chance(this.#random, this.#faults.renameEio))
      throw new DiskError('EIO', from, 'rename');
    this.#tree.rename(from, to);
    this.#process.diskOperation();
  }

  remove(path: string): void {
    if (!this.#tree.file(path)) throw new DiskError('ENOENT', path, 'remove');
    this.#tree.remove(path);
    this.#process.diskOperation();
  }

  removeDirectory(path: string): void {
    if (!this.#tree.has(path)) return;
    // Entries are removed one at a time, as the operating system does: a crash may leave some.
    if (this.#tree.isFolder(path))
      for (const name of this.#tree.list(path)) this.removeDirectory(`${path}/${name}`);
    this.#tree.remove(path);
    this.#process.diskOperation();
  }

  syncDirectory(path: string): Promise<void> {
    if (!this.#tree.isFolder(path)) return Promise.reject(new DiskError('ENOENT', path, 'sync'));
    const position = this.#tree.position(path);
    return this.#later(between(this.#random, this.#faults.syncMs), `syncs folder ${path}`, () => {
      if (!this.#faults.folderSyncLies) this.#tree.settle(position);
      this.#process.diskOperation();
    });
  }

  space(): FileSystemSpace {
    const totalBytes = Math.min(UNLIMITED_BYTES, this.#faults.capacityBytes);
    return { totalBytes, freeBytes: Math.max(0, totalBytes - this.#tree.usedBytes()) };
  }

  get #faults() {
    return this.#process.host.faults;
  }

  #file(path: string, inode: SimInode, mode: 'read' | 'write' | 'create'): File {
    const disk = {
      write: (at: number, bytes: Uint8Array): number => this.#write(path, inode, { at, bytes }),
      truncate: (size: number): void => {
        inode.truncate(size);
        this.#process.diskOperation();
      },
      read: (at: number, into: Uint8Array): number => {
        if (chance(this.#random, this.#faults.readEio)) throw new DiskError('EIO', path, 'read');
        return inode.read(at, into);
      },
      // Bytes are read at different times until the end: what is written or truncated meanwhile may be read
      // in part.
      readLater: (at: number, into: Uint8Array): Promise<number> => {
        const early = below(this.#random, into.length + 1);
        const first = disk.read(at, into.subarray(0, early));
        return this.#later(between(this.#random, READ_MS), `reads ${path}`, () =>
          first < early ? first : first + disk.read(at + early, into.subarray(early)),
        );
      },
      sync: (): Promise<void> => this.#sync(path, inode),
    };
    return new SimFile(path, { inode, writable: mode !== 'read', disk });
  }

  #write(path: string, inode: SimInode, { at, bytes }: { at: number; bytes: Uint8Array }): number {
    if (bytes.length === 0) return 0;
    if (chance(this.#random, this.#faults.writeEio)) throw new DiskError('EIO', path, 'write');
    const grows = Math.max(0, at + bytes.length - inode.size);
    const room = this.#faults.capacityBytes === Number.POSITIVE_INFINITY ? grows : this.space().freeBytes;
    let fits = bytes.length - Math.max(0, grows - room);
    if (fits <= 0) throw new DiskError('ENOSPC', path, 'write');
    // What is overwritten in place has its blocks.
    if (grows > 0 && chance(this.#random, this.#faults.shortWrite))
      fits = Math.min(fits, 1 + below(this.#random, bytes.length));
    inode.write(at, bytes.subarray(0, fits));
    this.#process.diskOperation();
    return fits;
  }

  #sync(path: string, inode: SimInode): Promise<void> {
    const position = inode.position();
    const { syncEio, syncEioIn } = this.#faults;
    const fails = chance(this.#random, syncEio) || (syncEioIn !== null && path.startsWith(`${syncEioIn}/`));
    const failing = { inode, position };
    if (fails) this.#failing.add(failing);
    return this.#later(between(this.#random, this.#faults.syncMs), `syncs ${path}`, () => {
      if (fails) {
        this.#failing.delete(failing);
        inode.giveUp(position, this.#random);
        throw new DiskError('EIO', path, 'sync');
      }
      if (!this.#faults.syncLies) inode.settle(position);
      this.#process.diskOperation();
    });
  }

  #later<T>(ms: number, label: string, run: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#process.schedule(ms, label, () => {
        try {
          const result = run();
          // The operation itself may have been the one after which the host crashes: then its promise never
          // settles.
          if (this.#process.alive) resolve(result);
        } catch (error) {
          reject(error);
        }
      });
    });
  }
}

interface FileDisk {
  write(at: number, bytes: Uint8Array): number;
  truncate(size: number): void;
  read(at: number, into: Uint8Array): number;
  readLater(at: number, into: Uint8Array): Promise<number>;
  sync(): Promise<void>;
}

class SimFile implements File {
  readonly path: string;
  readonly #inode: SimInode;
  readonly #disk: FileDisk;
  readonly #writable: boolean;
  #closed = false;

  constructor(path: string, options: { inode: SimInode; writable: boolean; disk: FileDisk }) {
    this.path = path;
    this.#inode = options.inode;
    this.#disk = options.disk;
    this.#writable = options.writable;
  }

  size(): number {
    return this.#inode.size;
  }

  readNow(at: number, into: Uint8Array): number {
    this.#check('read', false);
    return this.#disk.read(at, into);
  }

  async read(at: number, into: Uint8Array): Promise<number> {
    this.#check('read', false);
    return this.#disk.readLater(at, into);
  }

  appendNow(parts: readonly Uint8Array[]): number {
    this.#check('append', true);
    const bytes = parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts);
    return this.#disk.write(this.#inode.size, bytes);
  }

  writeNow(at: number, bytes: Uint8Array): void {
    this.#check('write', true);
    if (this.#disk.write(at, bytes) !== bytes.length) throw new DiskError('ENOSPC', this.path, 'write');
  }

  async sync(): Promise<void> {
    this.#check('sync', false);
    return this.#disk.sync();
  }

  truncate(size: number): void {
    this.#check('truncate', true);
    this.#disk.truncate(size);
  }

  close(): void {
    this.#closed = true;
  }

  #check(action: string, writes: boolean): void {
    if (this.#closed) throw new DiskError('EOTHER', this.path, `${action} closed`);
    if (writes && !this.#writable) throw new DiskError('EACCES', this.path, `${action} read-only`);
  }
}
