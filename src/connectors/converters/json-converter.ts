import { type ConfigOf, readConfig } from '../kernel/config.ts';
import { booleanProperty, intProperty, oneOfProperty } from '../kernel/config-property.ts';
import type { Converter, ConverterSpec, SchemaAndValue } from '../kernel/converter.ts';
import type { ConnectValue, Schema } from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';
import { readSchema, schemaText } from './json-schema.ts';
import { isJsonObject, type Json, readJson } from './json-text.ts';
import { type JsonStyle, readValue, valueText } from './json-value.ts';

const PROPERTIES = {
  'schemas.enable': booleanProperty({
    importance: 'HIGH',
    doc: 'Whether each value is written with its schema, and must be read with one.',
    default: true,
  }),
  'schemas.cache.size': intProperty({
    importance: 'LOW',
    doc: 'How many schemas are kept.',
    default: 1000,
    min: 0,
  }),
  'decimal.format': oneOfProperty(
    ['BASE64', 'NUMERIC'],
    { importance: 'LOW', doc: 'How decimal numbers are written.', default: 'BASE64' },
    true,
  ),
  'replace.null.with.default': booleanProperty({
    importance: 'LOW',
    doc: 'Whether null becomes the default of its field.',
    default: true,
  }),
};
const PAYLOAD = '"payload":';
const NO_ENVELOPE =
  'JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields. If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration.';

export const jsonConverter: ConverterSpec = {
  className: 'org.apache.kafka.connect.json.JsonConverter',
  doc: 'JSON, with the schema beside each value or without schemas.',
  properties: PROPERTIES,
  make(texts) {
    const { config, problems } = readConfig(PROPERTIES, texts);
    if (!config) throw new Error(problems.map(({ message }) => message).join(' '));
    return new JsonConverter(config);
  },
};

class JsonConverter implements Converter {
  readonly #hasSchemas: boolean;
  readonly #style: JsonStyle;
  readonly #cacheSize: number;
  /** By the text of a value up to its payload: the same producers write the same. */
  readonly #schemas = new Map<string, Schema | null>();
  readonly #texts = new WeakMap<Schema, string>();

  constructor(config: ConfigOf<typeof PROPERTIES>) {
    this.#hasSchemas = config['schemas.enable'];
    this.#style = { decimals: config['decimal.format'], fillsIn: config['replace.null.with.default'] };
    this.#cacheSize = config['schemas.cache.size'];
  }

  toConnect(bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return { schema: null, value: null };
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
    if (this.#hasSchemas) return this.#fromEnvelope(text);
    if (text === '') return { schema: null, value: null };
    return { schema: null, value: readValue(null, readJson(text), true) };
  }

  fromConnect(schema: Schema | null, value: ConnectValue): Uint8Array | null {
    if (schema === null && value === null) return null;
    const text = valueText(schema, value, this.#style);
    return Buffer.from(this.#hasSchemas ? `{"schema":${this.#schemaText(schema)},"payload":${text}}` : text);
  }

  #fromEnvelope(text: string): SchemaAndValue {
    const at = text.indexOf(PAYLOAD);
    const begin = text.slice(0, at);
    const known = at < 0 ? undefined : this.#schemas.get(begin);
    if (known !== undefined) {
      const payload = payloadOf(text, at);
      if (payload !== undefined)
        return { schema: known, value: readValue(known, payload, this.#style.fillsIn) };
    }
    const json = readJson(text);
    if (!isJsonObject(json) || Object.keys(json).length !== 2 || !('schema' in json) || !('payload' in json))
      throw new DataError(NO_ENVELOPE);
    const schema = readSchema(json.schema);
    const value = readValue(schema, json.payload, this.#style.fillsIn);
    if (at >= 0 && this.#cacheSize > 0 && isWholeSchema(begin)) {
      if (this.#schemas.size >= this.#cacheSize) this.#schemas.clear();
      this.#schemas.set(begin, schema);
    }
    return { schema, value };
  }

  #schemaText(schema: Schema | null): string {
    if (schema === null) return 'null';
    const known = this.#texts.get(schema);
    if (known !== undefined) return known;
    const text = schemaText(schema);
    this.#texts.set(schema, text);
    return text;
  }
}

/** Whether the text up to the payload is the schema and nothing else: what follows is the payload then. */
function isWholeSchema(begin: string): boolean {
  try {
    const json: unknown = JSON.parse(`${begin}${PAYLOAD}null}`);
    return typeof json === 'object' && json !== null && Object.keys(json).join() === 'schema,payload';
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** Undefined where something else follows the payload. */
function payloadOf(text: string, at: number): Json | undefined {
  const end = text.lastIndexOf('}');
  if (text.slice(end + 1).trim() !== '') return undefined;
  try {
    return readJson(text.slice(at + PAYLOAD.length, end));
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
}
