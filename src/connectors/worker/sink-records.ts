import type { ConsumedRecord } from '../../kafka-client/consumer/consumer-options.ts';
import type { Attempts } from '../kernel/attempts.ts';
import type { ConnectHeader, SinkRecord } from '../kernel/connect-record.ts';
import type { Converter, SchemaAndValue } from '../kernel/converter.ts';
import type { Schema } from '../kernel/schema.ts';
import { TaskStopped } from '../kernel/task-errors.ts';
import { type TransformChain, TransformFailure } from '../transforms/transform-chain.ts';
import type { ActiveTopics } from './active-topics.ts';
import type { RecordErrors } from './record-errors.ts';
import type { RecordFailure } from './record-failure.ts';

const TEXT: Schema = { type: 'STRING', optional: true };
const NO_HEADERS: readonly ConnectHeader[] = [];

export interface NamedConverter {
  readonly className: string;
  readonly converter: Converter;
}

interface SinkRecordsParts {
  readonly key: NamedConverter;
  readonly value: NamedConverter;
  readonly transforms: TransformChain;
  /** Of converters and transforms. */
  readonly attempts: Attempts;
  readonly errors: RecordErrors;
  readonly activeTopics: Pick<ActiveTopics, 'add'>;
}

/** Makes records for a sink's task of those of Kafka. */
export class SinkRecords {
  readonly #key: NamedConverter;
  readonly #value: NamedConverter;
  readonly #transforms: TransformChain;
  readonly #attempts: Attempts;
  readonly #errors: RecordErrors;
  readonly #activeTopics: Pick<ActiveTopics, 'add'>;
  readonly #toKey = (bytes: Buffer | null): SchemaAndValue => this.#key.converter.toConnect(bytes);
  readonly #toValue = (bytes: Buffer | null): SchemaAndValue => this.#value.converter.toConnect(bytes);

  constructor({ key, value, transforms, attempts, errors, activeTopics }: SinkRecordsParts) {
    this.#key = key;
    this.#value = value;
    this.#transforms = transforms;
    this.#attempts = attempts;
    this.#errors = errors;
    this.#activeTopics = activeTopics;
  }

  /**
   * Without those that a transform leaves out, and those that cannot be converted or transformed, each of
   * which is dealt with. Rejects where they are not tolerated, and with TaskStopped.
   */
  async of(consumed: readonly ConsumedRecord[]): Promise<SinkRecord[]> {
    const records: SinkRecord[] = [];
    // They are dealt with when all are known: a task that stops before reads these records again.
    const failures: RecordFailure[] = [];
    for (const record of consumed) {
      let failing: Pick<RecordFailure, 'stage' | 'className'> = {
        stage: 'KEY_CONVERTER',
        className: this.#key.className,
      };
      try {
        let key = this.#attempts.run(this.#toKey, record.key);
        if (key instanceof Promise) key = await key;
        failing = { stage: 'VALUE_CONVERTER', className: this.#value.className };
        let value = this.#attempts.run(this.#toValue, record.value);
        if (value instanceof Promise) value = await value;
        // As in Kafka Connect: under the name that it was read by, whatever transforms make of it.
        this.#activeTopics.add(record.topic);
        let made = this.#transforms.apply(sinkRecord(record, key, value), this.#attempts);
        if (made instanceof Promise) made = await made;
        if (made === null) continue;
        records.push(made);
      } catch (error) {
        if (!(error instanceof Error) || error instanceof TaskStopped) throw error;
        failures.push(
          error instanceof TransformFailure ? { ...error.failure, record } : { ...failing, error, record },
        );
      }
    }
    if (failures.length > 0) await Promise.all(failures.map((one) => this.#errors.failed(one)));
    return records;
  }
}

function sinkRecord(record: ConsumedRecord, key: SchemaAndValue, value: SchemaAndValue): SinkRecord {
  const timestamp = Number(record.timestamp);
  return {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    key: key.value,
    keySchema: key.schema,
    value: value.value,
    valueSchema: value.schema,
    timestamp: timestamp < 0 ? null : timestamp,
    timestampType: timestamp < 0 ? 'NoTimestampType' : 'CreateTime',
    headers: record.headers.length === 0 ? NO_HEADERS : record.headers.map(connectHeader),
    originalTopic: record.topic,
    originalPartition: record.partition,
    origin: record,
  };
}

function connectHeader({ key, value }: ConsumedRecord['headers'][number]): ConnectHeader {
  return { key, value: value === null ? null : value.toString('utf8'), schema: TEXT };
}
