import { partitionKey } from '../../base/topic-partition.ts';
import type { ConsumedRecord } from '../../kafka-client/consumer/consumer-options.ts';

/** Records of one partition that follow one another in what a consumer's poll returned; at least one. */
interface PartitionRun {
  /** `partitionKey` of their partition. */
  readonly key: string;
  readonly records: readonly ConsumedRecord[];
  readonly last: ConsumedRecord;
}

/** What a poll returned, in its order: one look-up serves all records of a run. */
export function partitionRuns(records: readonly ConsumedRecord[]): PartitionRun[] {
  const runs: PartitionRun[] = [];
  let first = 0;
  for (const [at, last] of records.entries()) {
    const next = records[at + 1];
    if (next?.partition === last.partition && next.topic === last.topic) continue;
    runs.push({ key: partitionKey(last), records: records.slice(first, at + 1), last });
    first = at + 1;
  }
  return runs;
}
