import { type BatchHeader, batches } from '../../src/protocol/records/batch.ts';
import { readRecords } from '../../src/protocol/records/record.ts';

/** A batch as it must lie in the log, with every byte. */
export interface ModelBatch {
  readonly header: BatchHeader;
  readonly bytes: Buffer;
}

/**
 * All states that a log may have after any failure. A truncation begins a branch: a power loss may bring the
 * log back to any state that agrees with all that was flushed (truncated records may come back until they are
 * overwritten), but never to a mixture of two states, and never to anything that was not appended.
 */
export class LogModel {
  /** The last branch is the log as its process sees it. */
  #branches: ModelBatch[][] = [[]];
  /** The end of what every state since the last flush has. */
  #floor = 0;
  /** Where the log must end after a kill. */
  #surviving: number | null = null;
  /** The number of truncations: a flush that began before one says nothing about later records. */
  #truncations = 0;
  logStartOffset = 0;
  /**
   * A truncation below the log start lowers it; until the log is settled, its checkpoint file may still have
   * the old start. A start that finds the log below that start begins it anew there, as Apache Kafka does
   * (LogLoader: "Deleting all segments because logEndOffset was smaller than logStartOffset").
   */
  #deletedUpTo = 0;

  get batches(): readonly ModelBatch[] {
    return this.#branches.at(-1) ?? [];
  }

  get endOffset(): number {
    return this.batches.at(-1)?.header.nextOffset ?? 0;
  }

  get floor(): number {
    return this.#floor;
  }

  appended(bytes: Buffer): void {
    for (const batch of batches(Buffer.from(bytes))) this.#branches.at(-1)?.push(batch);
  }

  /** Failed appends were truncated; a power loss may undo that truncation until a later flush. */
  lost(from: number): void {
    this.#branches.push(this.batches.filter(({ header }) => header.nextOffset <= from));
  }

  truncated(to: number): void {
    this.#truncations++;
    this.#deletedUpTo = Math.max(this.#deletedUpTo, this.logStartOffset);
    this.logStartOffset = Math.min(this.logStartOffset, to);
    this.#branches.push(this.batches.filter(({ header }) => header.nextOffset <= to));
    this.#floor = Math.min(this.#floor, to);
  }

  /**
   * Called when a flush begins; the returned function is called when it has succeeded, with whether the log
   * is settled then.
   */
  flushing(): (isSettled: boolean) => void {
    const truncations = this.#truncations;
    const end = this.endOffset;
    const current = this.#branches.at(-1);
    return (isSettled) => {
      if (truncations !== this.#truncations) return;
      if (isSettled) this.#deletedUpTo = this.logStartOffset;
      const flushed = this.batches.filter(({ header }) => header.nextOffset <= end);
      // The device knows of every cut before the flush: what was cut off does not come back.
      const since = current ? this.#branches.indexOf(current) : -1;
      this.#branches = this.#branches
        .slice(Math.max(0, since))
        .filter((branch) => flushed.every((batch, i) => branch[i] === batch));
      this.#floor = Math.max(this.#floor, end);
    };
  }

  /** The device knows of every cut: what was cut off does not come back. */
  settled(): void {
    this.#branches = this.#branches.slice(-1);
  }

  /**
   * The process ended and the page cache did not: all that was written is there, unless power fails before
   * the restart.
   */
  killed(writtenEndOffset: number): void {
    this.#cut(writtenEndOffset);
    this.#surviving = writtenEndOffset;
  }

  crashed(): void {
    this.#surviving = null;
  }

  /** The disk lost something by itself: records may be missing, but no others may appear. */
  damaged(): void {
    this.#isDamaged = true;
  }
  #isDamaged = false;

  /**
   * A restart must have found one of the allowed states, which becomes the only one. Throws if it did not.
   */
  recovered(
    found: readonly ModelBatch[],
    range: { readonly logStartOffset: number; readonly endOffset: number },
  ): void {
    const floor = this.#isDamaged ? 0 : Math.max(this.#floor, this.#surviving ?? 0);
    const lostPower = this.#surviving === null;
    const allowed = lostPower ? this.#branches : [this.batches];
    this.#surviving = null;
    if (range.endOffset < floor && floor > this.logStartOffset) {
      throw new Error(`the log ends at ${range.endOffset}, but ${floor} was acknowledged`);
    }
    const isEmpty = range.endOffset === range.logStartOffset;
    const deletedUpTo =
      isEmpty || lostPower ? Math.max(this.logStartOffset, this.#deletedUpTo) : this.logStartOffset;
    if (range.logStartOffset > deletedUpTo && range.logStartOffset > 0) {
      throw new Error(`the log starts at ${range.logStartOffset}, but only ${deletedUpTo} was deleted`);
    }
    const kept = allowed.findLast((branch) =>
      // A damaged disk may have removed something from the middle, but it never adds anything.
      this.#isDamaged ? found.every((batch) => holds(branch, batch)) : isPrefix(branch, found, range),
    );
    if (!kept) throw new Error(`the log holds what it never held: ${describe(allowed, found, range)}`);
    this.#branches.push(kept.filter(({ header }) => header.nextOffset <= range.endOffset));
    this.#floor = Math.min(this.#floor, range.endOffset);
    if (isEmpty || lostPower) this.logStartOffset = Math.max(this.logStartOffset, range.logStartOffset);
  }

  /** Checks what a reader of the whole log got from a process that did not end. */
  check(
    found: readonly ModelBatch[],
    range: { readonly logStartOffset: number; readonly endOffset: number },
  ): void {
    const expected = this.batches.filter(({ header }) => header.nextOffset <= range.endOffset);
    if (!isPrefix(expected, found, range) || (expected.at(-1)?.header.nextOffset ?? 0) > range.endOffset) {
      throw new Error(`a reader got something else: ${describe([expected], found, range)}`);
    }
  }

  #cut(end: number): void {
    const last = this.#branches.length - 1;
    this.#branches[last] = this.batches.filter(({ header }) => header.nextOffset <= end);
  }
}

function holds(branch: readonly ModelBatch[], batch: ModelBatch): boolean {
  return branch.some(({ bytes }) => bytes.equals(batch.bytes));
}

/** Whether what was found is the branch from the start of the log to its end. */
function isPrefix(
  branch: readonly ModelBatch[],
  found: readonly ModelBatch[],
  range: { readonly logStartOffset: number; readonly endOffset: number },
): boolean {
  const expected = branch.filter(
    ({ header }) => header.nextOffset > range.logStartOffset && header.nextOffset <= range.endOffset,
  );
  const end =
    branch.some(({ header }) => header.nextOffset === range.endOffset) ||
    range.endOffset === range.logStartOffset;
  return (
    end &&
    expected.length === found.length &&
    expected.every((batch, i) => found[i]?.bytes.equals(batch.bytes) === true)
  );
}

function describe(
  branches: readonly (readonly ModelBatch[])[],
  found: readonly ModelBatch[],
  range: { readonly logStartOffset: number; readonly endOffset: number },
): string {
  const line = (list: readonly ModelBatch[]): string =>
    list
      .map(
        ({ header }) =>
          `${header.baseOffset}-${header.lastOffset}@${header.partitionLeaderEpoch}#${header.crc}`,
      )
      .join(' ');
  return [
    `[${range.logStartOffset}, ${range.endOffset})`,
    ...branches.map((one) => `may: ${line(one)}`),
    `is: ${line(found)}`,
  ].join('\n  ');
}

/** The first record at or after a time, found by looking at every record. */
export function firstAtOrAfter(
  found: readonly ModelBatch[],
  logStartOffset: number,
  timestamp: number,
): number | null {
  for (const { bytes } of found) {
    for (const record of readRecords(bytes)) {
      if (record.offset >= logStartOffset && record.timestamp >= timestamp) return record.offset;
    }
  }
  return null;
}
