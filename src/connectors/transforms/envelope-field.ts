import { type ConnectValue, isStruct, type Schema, type Struct } from '../kernel/schema.ts';
import { javaSplit } from './java-split.ts';
import { placeOf, valueAt } from './structs.ts';

const OF_TRANSACTION = ['id', 'total_order', 'data_collection_order'];
const OF_ENVELOPE = ['op', 'ts_ms', 'ts_us', 'ts_ns'];

/** One of the fields of a change event that Debezium's `add.fields` and `add.headers` name. */
export interface EnvelopeField {
  /** Within its part of the envelope. */
  readonly field: string;
  /** What it is called where it is added. */
  readonly name: string;
  /** Optional; null where the envelope has no such field. */
  schemaIn(envelope: Schema): Schema | null;
  valueIn(envelope: Struct): ConnectValue;
}

/**
 * `source.ts_ms` and `source.ts_ms:time`; of a name alone it is known in which part of the envelope it is.
 */
export function envelopeFields(prefix: string, texts: readonly string[]): readonly EnvelopeField[] {
  return texts.map((text) => {
    const [path = '', newName] = javaSplit(text, ':');
    const steps = javaSplit(path, '.');
    const isPath = steps.length > 1;
    const field = steps[isPath ? 1 : 0] ?? '';
    const part = isPath ? (steps[0] ?? '') : partOf(field);
    const optional = new WeakMap<Schema, Schema>();
    return {
      field,
      name: `${prefix}${newName ?? (isPath ? `${part}_${field}` : field)}`,
      schemaIn(envelope) {
        const inner = part === null ? envelope : envelope.fields?.[placeOf(envelope, part)]?.schema;
        const at = inner ? placeOf(inner, field) : -1;
        const schema =
          at < 0 ? envelope.fields?.[placeOf(envelope, field)]?.schema : inner?.fields?.[at]?.schema;
        if (!schema) return null;
        const known = optional.get(schema);
        if (known) return known;
        const { default: _, ...basics } = schema;
        const made: Schema = { ...basics, optional: true };
        optional.set(schema, made);
        return made;
      },
      valueIn(envelope) {
        const inner = part === null ? envelope : rawValue(envelope, part);
        if (!isStruct(inner)) return null;
        return placeOf(inner.schema, field) < 0 ? rawValue(envelope, field) : rawValue(inner, field);
      },
    };
  });
}

/** What is wrong with one of them, or null. */
export function envelopeFieldProblem(texts: readonly string[]): string | null {
  const wrong = texts.find((text) => javaSplit(text, ':').length > 2);
  return wrong === undefined ? null : `Unexpected field name: ${wrong}`;
}

/** Null: the envelope itself. */
function partOf(field: string): string | null {
  if (OF_TRANSACTION.includes(field)) return 'transaction';
  return OF_ENVELOPE.includes(field) ? null : 'source';
}

function rawValue(struct: Struct, name: string): ConnectValue {
  return valueAt(struct, placeOf(struct.schema, name), false);
}
