import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SinkRecord } from '../kernel/connect-record.ts';
import { javaText } from '../kernel/java-text.ts';
import type { PartitionOffset, SinkTask, SinkTaskContext } from '../kernel/sink-task.ts';
import { DataError } from '../kernel/task-errors.ts';

const LINE_FEED = 0x0a;

/**
 * Each record is a line; offsets are committed once the lines are on the device. Lines behind the last commit
 * are written again after a crash, and after a sync that failed; a part of a line that one has left stays as
 * a line of its own.
 */
export class FileStreamSinkTask implements SinkTask {
  readonly #file: string;
  readonly #open: typeof open;
  #context: SinkTaskContext | null = null;
  #handle: FileHandle | null = null;
  #isSynced = true;
  /** The system tells of it once, and drops what it could not write: a later sync would promise nothing. */
  #syncFailure: Error | null = null;

  /** `openFile`: opens the file, and its folder. */
  constructor(file: string, openFile = open) {
    this.#file = file;
    this.#open = openFile;
  }

  async start(context: SinkTaskContext): Promise<void> {
    this.#context = context;
    const handle = await this.#open(this.#file, 'a+');
    this.#handle = handle;
    const { size } = await handle.stat();
    if (size > 0) await this.#endLine(handle, size);
    await this.#syncFolder();
  }

  async open(): Promise<void> {}

  async put(records: readonly SinkRecord[]): Promise<void> {
    let text = '';
    for (const record of records) {
      try {
        text += `${javaText(record.value, record.valueSchema)}\n`;
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        await this.#context?.report(record, error);
      }
    }
    if (text === '') return;
    this.#isSynced = false;
    await this.#handle?.appendFile(text);
  }

  async preCommit(offsets: readonly PartitionOffset[]): Promise<readonly PartitionOffset[]> {
    if (!this.#isSynced) await this.#sync();
    return offsets;
  }

  async close(): Promise<void> {}

  async #sync(): Promise<void> {
    if (this.#syncFailure !== null) throw this.#syncFailure;
    try {
      await this.#handle?.datasync();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#syncFailure = new Error(
        `Lines of ${this.#file} may not be on the device (${why}): they are written again when the task starts again.`,
        { cause },
      );
      throw this.#syncFailure;
    }
    this.#isSynced = true;
  }

  /** The name of the file is as durable as its lines, whoever made it. */
  async #syncFolder(): Promise<void> {
    const folder = await this.#open(dirname(this.#file), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  /** Else the first record would become the end of a line that was not written whole. */
  async #endLine(handle: FileHandle, size: number): Promise<void> {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    if (bytesRead === 0 || buffer[0] === LINE_FEED) return;
    this.#isSynced = false;
    await handle.appendFile('\n');
  }

  async stop(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }
}
