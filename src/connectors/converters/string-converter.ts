import { oneOfProperty } from '../kernel/config-property.ts';
import type { ConverterSpec } from '../kernel/converter.ts';
import { javaText } from '../kernel/java-text.ts';
import type { Schema } from '../kernel/schema.ts';

const TEXT: Schema = { type: 'STRING', optional: true };
const PROPERTIES = {
  'converter.encoding': oneOfProperty(
    ['UTF-8', 'UTF8'],
    { importance: 'HIGH', doc: 'How text is written as bytes.', default: 'UTF-8' },
    true,
  ),
};

export const stringConverter: ConverterSpec = {
  className: 'org.apache.kafka.connect.storage.StringConverter',
  doc: 'Text. What is no text is written as Java prints it.',
  properties: PROPERTIES,
  make() {
    return {
      toConnect: (bytes) => ({
        schema: TEXT,
        value: bytes === null ? null : asBuffer(bytes).toString('utf8'),
      }),
      fromConnect: (schema, value) => (value === null ? null : Buffer.from(javaText(value, schema))),
    };
  },
};

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
