import type { Clock } from '../../base/clock.ts';
import type { ConfigOf, ConfigProblem, ConfigProperties } from '../kernel/config.ts';
import type { ConnectRecord } from '../kernel/connect-record.ts';
import type { ConnectValue, Schema } from '../kernel/schema.ts';
import { partSpec, type Transform, type TransformSpec } from '../kernel/transform.ts';

/** What a transform of the kind `…$Key` or `…$Value` works on. */
interface RecordPart {
  readonly name: 'Key' | 'Value';
  schemaOf(record: ConnectRecord): Schema | null;
  valueOf(record: ConnectRecord): ConnectValue;
  with<Record extends ConnectRecord>(record: Record, schema: Schema | null, value: ConnectValue): Record;
}

const KEY: RecordPart = {
  name: 'Key',
  schemaOf: (record) => record.keySchema,
  valueOf: (record) => record.key,
  with: (record, keySchema, key) => ({ ...record, keySchema, key }),
};
const VALUE: RecordPart = {
  name: 'Value',
  schemaOf: (record) => record.valueSchema,
  valueOf: (record) => record.value,
  with: (record, valueSchema, value) => ({ ...record, valueSchema, value }),
};

interface Definition<Properties extends ConfigProperties> {
  /** Without `$Key` and `$Value`. */
  readonly className: string;
  readonly doc: string;
  readonly properties: Properties;
  readonly check?: (config: ConfigOf<Properties>) => readonly ConfigProblem[];
  readonly make: (config: ConfigOf<Properties>, part: RecordPart, clock: Clock) => Transform;
}

/** The two transforms of a class of Kafka: one for keys, one for values. */
export function keyAndValue<const Properties extends ConfigProperties>({
  className,
  make,
  ...more
}: Definition<Properties>): readonly TransformSpec[] {
  return [KEY, VALUE].map((part) =>
    partSpec({
      ...more,
      className: `${className}$${part.name}`,
      make: (config, clock) => make(config, part, clock),
    }),
  );
}
