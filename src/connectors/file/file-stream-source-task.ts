import { type FileHandle, open } from 'node:fs/promises';
import { sleep } from '../../base/clock.ts';
import type { SourceRecord } from '../kernel/connect-record.ts';
import type { Schema } from '../kernel/schema.ts';
import type { SourceTask, SourceTaskContext } from '../kernel/source-task.ts';

const STRING: Schema = { type: 'STRING', optional: false };
const READ_BYTES = 256 * 1024;
/** A line that is longer ends the task: there must be an end to what it keeps. */
const LONGEST_LINE_BYTES = 32 * 1024 ** 2;
const WAIT_MS = 200;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

export interface FileStreamSourceConfig {
  readonly file: string;
  readonly topic: string;
  readonly batchSize: number;
}

/**
 * Reads lines that end in LF, CR or CR LF. The offset is `position`, the bytes that were read, as Kafka's own
 * connector counts them where the text is ASCII; of other text that one counts characters and then skips so
 * many bytes.
 */
export class FileStreamSourceTask implements SourceTask {
  readonly #config: FileStreamSourceConfig;
  #context: SourceTaskContext | null = null;
  #handle: FileHandle | null = null;
  /** Of the first byte that is in no line yet. */
  #position = 0;
  #rest: Buffer = Buffer.alloc(0);
  /** In `rest` there is no end of a line before this. */
  #searched = 0;

  constructor(config: FileStreamSourceConfig) {
    this.#config = config;
  }

  async start(context: SourceTaskContext): Promise<void> {
    this.#context = context;
    const offset = await context.offset({ filename: this.#config.file });
    const position = offset?.position ?? 0;
    if (typeof position !== 'number') throw new Error('Offset position is the incorrect type');
    this.#position = position;
  }

  async poll(): Promise<readonly SourceRecord[]> {
    const context = this.#context;
    if (!context) return [];
    const lines = this.#lines(context);
    if (lines.length > 0) return lines;
    const hasMore = await this.#read();
    if (!hasMore && !context.signal.aborted) await sleep(context.world.clock, WAIT_MS);
    return this.#lines(context);
  }

  async commit(): Promise<void> {}

  async stop(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }

  /** Whether there was something. */
  async #read(): Promise<boolean> {
    this.#handle ??= await opened(this.#config.file);
    if (!this.#handle) return false;
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    const { bytesRead } = await this.#handle.read(buffer, 0, READ_BYTES, this.#position + this.#rest.length);
    if (bytesRead === 0) return false;
    const read = buffer.subarray(0, bytesRead);
    this.#rest = this.#rest.length === 0 ? read : Buffer.concat([this.#rest, read]);
    if (this.#searched > LONGEST_LINE_BYTES)
      throw new Error(`${this.#config.file} has a line of more than ${LONGEST_LINE_BYTES} bytes`);
    return true;
  }

  #lines({ world }: SourceTaskContext): SourceRecord[] {
    const records: SourceRecord[] = [];
    const timestamp = world.clock.now();
    let from = 0;
    while (records.length < this.#config.batchSize) {
      const end = endOfLine(this.#rest, Math.max(from, this.#searched));
      if (!end) break;
      const value = this.#rest.toString('utf8', from, end.at);
      from = end.next;
      records.push({
        topic: this.#config.topic,
        ...{ partition: null, key: null, keySchema: null, value, valueSchema: STRING, timestamp },
        headers: [],
        sourcePartition: { filename: this.#config.file },
        sourceOffset: { position: this.#position + from },
      });
    }
    this.#position += from;
    this.#rest = this.#rest.subarray(from);
    // A CR at the end may be the first half of an end.
    this.#searched = records.length < this.#config.batchSize ? Math.max(0, this.#rest.length - 1) : 0;
    return records;
  }
}

/**
 * The end of the line, and the beginning of the next; null while there is none, or it is not seen yet whether
 * there is one.
 */
function endOfLine(bytes: Buffer, from: number): { readonly at: number; readonly next: number } | null {
  const feed = bytes.indexOf(LINE_FEED, from);
  const before = feed < 0 ? bytes : bytes.subarray(0, feed);
  const carriage = before.indexOf(CARRIAGE_RETURN, from);
  if (carriage < 0) return feed < 0 ? null : { at: feed, next: feed + 1 };
  if (carriage + 1 >= bytes.length) return null;
  return { at: carriage, next: carriage + 1 === feed ? carriage + 2 : carriage + 1 };
}

/** Null while there is no such file. */
async function opened(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
