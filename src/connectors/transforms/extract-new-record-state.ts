import { OPTIONAL_STRING, STRING } from '../kernel/common-schemas.ts';
import { listProperty, oneOfProperty, stringProperty } from '../kernel/config-property.ts';
import type { ConnectHeader, ConnectRecord } from '../kernel/connect-record.ts';
import { type ConnectValue, isStruct, type Schema, type Struct } from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';
import { partSpec, type Transform, type TransformSpec } from '../kernel/transform.ts';
import { type EnvelopeField, envelopeFieldProblem, envelopeFields } from './envelope-field.ts';
import { REPLACE_NULL } from './replace-null.ts';
import { placeOf, SchemaCache, structLike, valueAt } from './structs.ts';

const MODES = ['drop', 'tombstone', 'rewrite', 'rewrite-with-tombstone', 'delete-to-tombstone'] as const;
type Mode = (typeof MODES)[number];

const fields = (where: string) =>
  listProperty({
    importance: 'LOW',
    doc: `Fields of the envelope that become ${where}: \`op\`, \`source.ts_ms\`, \`lsn:position\` with another name.`,
    default: [],
    check: envelopeFieldProblem,
  });
const prefix = (where: string) =>
  stringProperty({ importance: 'LOW', doc: `What their names begin with as ${where}.`, default: '__' });

export const extractNewRecordState: TransformSpec = partSpec({
  className: 'io.debezium.transforms.ExtractNewRecordState',
  doc: 'Makes the row after a change of a change event of Debezium. Records that are none go on as they are.',
  properties: {
    'delete.tombstone.handling.mode': oneOfProperty(
      MODES,
      {
        importance: 'MEDIUM',
        doc: 'What becomes of deletions and of the tombstones behind them: nothing, one tombstone of both (tombstone, delete-to-tombstone), or the row before with the field __deleted, without or with the tombstone.',
        default: 'tombstone',
      },
      true,
    ),
    'route.by.field': stringProperty({
      importance: 'LOW',
      doc: 'The field of the row that has the name of the topic.',
      default: '',
    }),
    'add.fields.prefix': prefix('fields'),
    'add.fields': fields('fields of the row'),
    'add.headers.prefix': prefix('headers'),
    'add.headers': fields('headers'),
    ...REPLACE_NULL,
  },
  make: (config) =>
    new Unwrapping({
      mode: config['delete.tombstone.handling.mode'],
      routeBy: config['route.by.field'],
      fields: envelopeFields(config['add.fields.prefix'], config['add.fields']),
      headers: envelopeFields(config['add.headers.prefix'], config['add.headers']),
      fillsIn: config['replace.null.with.default'],
    }),
});

interface UnwrappingOptions {
  readonly mode: Mode;
  /** Empty: the topic stays. */
  readonly routeBy: string;
  readonly fields: readonly EnvelopeField[];
  readonly headers: readonly EnvelopeField[];
  /** Whether null becomes the default of its field where __deleted is added. */
  readonly fillsIn: boolean;
}

class Unwrapping implements Transform {
  readonly #options: UnwrappingOptions;
  readonly #rewrites: boolean;
  /** Of rows with __deleted. */
  readonly #marked = new SchemaCache((schema) =>
    structLike(schema, [...(schema.fields ?? []), { name: '__deleted', schema: OPTIONAL_STRING }]),
  );
  /** Of rows with the added fields, by the schema of the envelope. */
  readonly #extended = new WeakMap<Schema, SchemaCache>();

  constructor(options: UnwrappingOptions) {
    this.#options = options;
    this.#rewrites = options.mode.startsWith('rewrite');
  }

  apply<Record extends ConnectRecord>(original: Record): Record | null {
    const { value, valueSchema: envelope } = original;
    if (value === null) return this.#tombstone(original);
    if (!envelope?.name?.endsWith('.Envelope') || !isStruct(value)) return original;
    const record = this.#withHeaders(original, value);
    const after = rowOf(value, 'after');
    if (isStruct(after.value)) return this.#row(record, value, this.#mark(after.value, 'false'));
    const before = rowOf(value, 'before');
    // A truncated table.
    if (!isStruct(before.value)) return null;
    const { mode } = this.#options;
    if (mode === 'drop') return null;
    if (this.#rewrites) return this.#row(record, value, this.#mark(before.value, 'true'), before.value);
    const valueSchema = mode === 'tombstone' ? after.schema : null;
    return this.#routed({ ...record, valueSchema, value: null }, before.value);
  }

  #tombstone<Record extends ConnectRecord>(record: Record): Record | null {
    if (this.#options.mode !== 'rewrite-with-tombstone') return null;
    const operations = this.#options.headers.filter(({ field }) => field === 'op');
    const added = operations.map(({ name }): ConnectHeader => ({ key: name, value: 'd', schema: STRING }));
    return { ...record, headers: [...record.headers, ...added] };
  }

  #withHeaders<Record extends ConnectRecord>(record: Record, envelope: Struct): Record {
    const { headers } = this.#options;
    if (headers.length === 0) return record;
    const added = headers.flatMap((one): ConnectHeader[] => {
      const schema = one.schemaIn(envelope.schema);
      return schema === null ? [] : [{ key: one.name, value: one.valueIn(envelope), schema }];
    });
    return { ...record, headers: [...record.headers, ...added] };
  }

  #mark(row: Struct, deleted: 'true' | 'false'): Struct {
    if (!this.#rewrites) return row;
    const values = row.values.map((_, at) => valueAt(row, at, this.#options.fillsIn));
    return { schema: this.#marked.of(row.schema), values: [...values, deleted] };
  }

  /** `routing`: the row that has the name of the topic. */
  #row<Record extends ConnectRecord>(record: Record, envelope: Struct, row: Struct, routing = row): Record {
    const added = this.#options.fields.filter((one) => one.schemaIn(envelope.schema) !== null);
    let schemas = this.#extended.get(envelope.schema);
    if (!schemas) {
      schemas = new SchemaCache((schema) =>
        structLike(schema, [
          ...(schema.fields ?? []),
          ...added.map((one) => ({
            name: one.name,
            schema: one.schemaIn(envelope.schema) ?? OPTIONAL_STRING,
          })),
        ]),
      );
      this.#extended.set(envelope.schema, schemas);
    }
    const valueSchema = schemas.of(row.schema);
    const values = [...row.values, ...added.map((one) => one.valueIn(envelope))];
    const value: Struct = { schema: valueSchema, values };
    return this.#routed({ ...record, valueSchema, value }, routing);
  }

  #routed<Record extends ConnectRecord>(record: Record, row: Struct): Record {
    const { routeBy } = this.#options;
    if (routeBy === '') return record;
    const at = placeOf(row.schema, routeBy);
    if (at < 0) throw new DataError(`${routeBy} is not a valid field name`);
    const topic = valueAt(row, at, true);
    if (topic !== null && typeof topic !== 'string')
      throw new DataError(`Field '${routeBy}' is not of type STRING`);
    return topic === null || topic.trim() === '' ? record : { ...record, topic };
  }
}

function rowOf(envelope: Struct, name: 'before' | 'after'): { schema: Schema; value: ConnectValue } {
  const at = placeOf(envelope.schema, name);
  const schema = envelope.schema.fields?.[at]?.schema;
  // As Kafka's ExtractField, which Debezium's class asks.
  if (!schema) throw new Error(`Unknown field: ${name}`);
  return { schema, value: valueAt(envelope, at, true) };
}
