import { type Disk, DiskError, type File, readWhole } from '../base/disk.ts';

const NAME = 'syncs-under-way';
/** The name of a folder is not longer. */
const SLOT_BYTES = 256;
/** More logs than this are seldom synced at a time: the process has a few threads for it. */
const SLOTS = 128;
/** The slot that speaks of all logs: more are marked than there are slots. */
const ALL = 0;
const EVERY_LOG = '*';

/**
 * The file `syncs-under-way` of a data folder: slots of one size, each empty or with the name of a log's
 * folder. It is never synced, because it is for the process that comes after a kill: after a power loss the
 * page cache has nothing that the device has not, and a mark that is there by chance costs only time.
 */
export class MarkSlots {
  /** What an earlier process left; these slots are taken. */
  readonly found: readonly { readonly slot: number; readonly name: string }[];
  /** An earlier process had more logs to name than there are slots. */
  readonly saysAll: boolean;
  readonly #disk: Disk;
  readonly #path: string;
  readonly #free: number[] = [];
  /** Logs that are marked by the slot of all. */
  #sharing = 0;
  #file: File | null = null;
  #isClosed = false;

  /** Throws DiskError when the file is there and cannot be read. */
  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#path = `${folder}/${NAME}`;
    const bytes = readWhole(disk, this.#path) ?? Buffer.alloc(0);
    const found = [];
    for (let slot = SLOTS - 1; slot > ALL; slot--) {
      const name = nameIn(bytes, slot);
      if (name === '') this.#free.push(slot);
      else found.push({ slot, name });
    }
    this.found = found;
    this.saysAll = nameIn(bytes, ALL) !== '';
    this.#makeIfPossible();
  }

  /** Names a folder in a slot. Throws DiskError, and then it is not named. */
  take(name: string): number {
    const slot = name.length <= SLOT_BYTES ? this.#free.at(-1) : undefined;
    if (slot === undefined) {
      if (this.#sharing === 0) this.#write(ALL, EVERY_LOG);
      return this.shareAll();
    }
    this.#write(slot, name);
    this.#free.pop();
    return slot;
  }

  /** One more log is marked by the slot of all, which says so. */
  shareAll(): number {
    this.#sharing++;
    return ALL;
  }

  giveBack(slot: number): void {
    if (slot === ALL) {
      this.#sharing--;
      this.endAllIfUnused();
    } else if (this.#cleared(slot)) this.#free.push(slot);
  }

  endAllIfUnused(): void {
    if (this.#sharing === 0) this.#cleared(ALL);
  }

  close(): void {
    this.#isClosed = true;
    this.#file?.close();
    this.#file = null;
  }

  /** A slot that cannot be emptied is not used again, and the next start writes more anew than it must. */
  #cleared(slot: number): boolean {
    try {
      this.#write(slot, '');
      return true;
    } catch (error) {
      if (error instanceof DiskError) return false;
      throw error;
    }
  }

  /** As long as there is room: a disk that is full later then refuses no mark. */
  #makeIfPossible(): void {
    try {
      this.#opened();
    } catch (error) {
      // The first mark tries again, and tells of it.
      if (!(error instanceof DiskError)) throw error;
    }
  }

  #write(slot: number, name: string): void {
    if (this.#isClosed) return;
    const bytes = Buffer.alloc(name === '' ? 1 : SLOT_BYTES);
    bytes.write(name);
    this.#opened().writeNow(slot * SLOT_BYTES, bytes);
  }

  /** Throws DiskError when the file cannot be made with all its bytes. */
  #opened(): File {
    const file = this.#file ?? this.#disk.open(this.#path, 'create');
    this.#file = file;
    const missing = SLOTS * SLOT_BYTES - file.size();
    if (missing > 0 && file.appendNow([Buffer.alloc(missing)]) !== missing)
      throw new DiskError('ENOSPC', this.#path, 'write');
    return file;
  }
}

function nameIn(bytes: Buffer, slot: number): string {
  const content = bytes.subarray(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES);
  const end = content.indexOf(0);
  return content.toString('utf8', 0, end === -1 ? content.length : end);
}
