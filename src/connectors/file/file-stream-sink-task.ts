import { type FileHandle, open } from 'node:fs/promises';
import type { SinkRecord } from '../kernel/connect-record.ts';
import { javaText } from '../kernel/java-text.ts';
import type { PartitionOffset, SinkTask, SinkTaskContext } from '../kernel/sink-task.ts';
import { DataError } from '../kernel/task-errors.ts';

/**
 * Each record is a line; offsets are committed once the lines are on the device. Lines behind the last commit
 * are written again after a crash.
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
    this.#handle = await open(this.#file, 'a');
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

  async stop(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }
}
