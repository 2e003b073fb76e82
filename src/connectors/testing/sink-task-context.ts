import type { Clock } from '../../base/clock.ts';
import { silent } from '../../base/log.ts';
import { Sfc32 } from '../../base/random.ts';
import type { TopicPartition } from '../../base/topic-partition.ts';
import type { SinkRecord } from '../kernel/connect-record.ts';
import type { PartitionOffset, SinkTaskContext } from '../kernel/sink-task.ts';

/** A sink task's kernel for tests of one connector: what it is asked for is kept, to be looked at. */
export class TestSinkContext implements SinkTaskContext {
  readonly world: SinkTaskContext['world'];
  readonly name = 'test';
  readonly taskId = 0;
  bufferBytes = 64 * 1024 ** 2;
  readonly signal: AbortSignal;
  readonly stopping = new AbortController();
  readonly reported: { readonly record: SinkRecord; readonly error: Error }[] = [];
  readonly rewound: PartitionOffset[] = [];
  readonly paused = new Set<string>();
  readonly opened: TopicPartition[] = [];
  commitsRequested = 0;

  constructor(clock: Clock) {
    this.world = { clock, random: new Sfc32(1), log: silent };
    this.signal = this.stopping.signal;
  }

  assignment(): readonly TopicPartition[] {
    return this.opened;
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.paused.add(`${topic}-${partition}`);
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.paused.delete(`${topic}-${partition}`);
  }

  offset(position: PartitionOffset): void {
    this.rewound.push(position);
  }

  requestCommit(): void {
    this.commitsRequested++;
  }

  async report(record: SinkRecord, error: Error): Promise<void> {
    this.reported.push({ record, error });
  }
}
