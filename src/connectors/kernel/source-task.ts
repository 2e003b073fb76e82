import type { World } from '../../base/world.ts';
import type { SourceOffset, SourceRecord } from './connect-record.ts';

/** What a source task can ask of the kernel. */
export interface SourceTaskContext {
  readonly world: Pick<World, 'clock' | 'random' | 'log'>;
  /** Of the connector. */
  readonly name: string;
  /** From 0. */
  readonly taskId: number;
  /** Aborted when the task must stop: a `poll` that waits resolves with nothing. */
  readonly signal: AbortSignal;
  /** The offset that was stored last for a part of the source; null where none was. */
  offset(sourcePartition: SourceOffset): Promise<SourceOffset | null>;
}

/**
 * What a source connector does, in Kafka Connect's words. The kernel makes one object for each task with its
 * configuration, and calls one method at a time.
 */
export interface SourceTask {
  /** Rejects when the task cannot work. */
  start(context: SourceTaskContext): Promise<void>;
  /**
   * The next records; it may wait for some, and resolves with none after a second at the latest. Rejects with
   * RetriableError: it is asked again.
   */
  poll(): Promise<readonly SourceRecord[]>;
  /** All records that were polled before are in Kafka, and their offsets are stored. */
  commit(): Promise<void>;
  /** Gives everything back. Nothing is called afterwards. Also called where `start` rejected. */
  stop(): Promise<void>;
}
