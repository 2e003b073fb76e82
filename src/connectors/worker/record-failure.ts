import type { ConsumedRecord } from '../../kafka-client/consumer/consumer-options.ts';
import { DataError } from '../kernel/task-errors.ts';

/** Where a record failed, as Kafka Connect calls it. */
export type Stage = 'KEY_CONVERTER' | 'VALUE_CONVERTER' | 'TRANSFORMATION' | 'TASK_PUT';

export interface RecordFailure {
  readonly stage: Stage;
  /** Of what failed. */
  readonly className: string;
  readonly error: Error;
  /** As it is in Kafka; null for one that is on its way there. */
  readonly record: ConsumedRecord | null;
}

/** The name of the class that Kafka Connect would have thrown. */
export function javaClassOf(error: Error): string {
  return error instanceof DataError
    ? 'org.apache.kafka.connect.errors.DataException'
    : 'org.apache.kafka.connect.errors.ConnectException';
}
