import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SinkRecord } from '../kernel/connect-record.ts';
import { javaText } from '../kernel/java-text.ts';
import type { PartitionOffset, SinkTask, SinkTaskContext } from '../kernel/sink-task.ts';
import { DataError } from '../kernel/task-errors.ts';

const LINE_FEED = 0x0a;

/**
 * Each record is a line; offsets are committed once the lines are on the device. Lines behind the last commit
 * are written again after a crash; a part of a line that one has left stays as a line of its own.
 */
export class FileStreamSinkTask implements SinkTask {
  readonly #file: string;
  #context: SinkTaskContext | null = null;
  #handle: FileHandle | null = null;
  #isSynced = true;

  constructor(file: string) {
    this.#file = file;
  }

  async start(context: SinkTaskContext): Promise<void> {
    this.#context = context;
    const handle = await open(this.#file, 'a+');
    this.#handle = handle;
    const { size } = await handle.stat();
    if (size > 0) await this.#endLine(handle, size);
    else await syncFolder(dirname(this.#file));
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
    if (!this.#isSynced) await this.#handle?.datasync();
    this.#isSynced = true;
    return offsets;
  }

  async close(): Promise<void> {}

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

/** The name of a new file is as durable as its lines. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
