import type { ConverterSpec } from '../kernel/converter.ts';
import type { Schema } from '../kernel/schema.ts';
import { DataError } from '../kernel/task-errors.ts';

const BYTES: Schema = { type: 'BYTES', optional: true };

export const byteArrayConverter: ConverterSpec = {
  className: 'org.apache.kafka.connect.converters.ByteArrayConverter',
  doc: 'Bytes as they are.',
  properties: {},
  make: () => ({
    toConnect: (bytes) => ({ schema: BYTES, value: bytes }),
    fromConnect(schema, value) {
      if (schema !== null && schema.type !== 'BYTES')
        throw new DataError(`Invalid schema type for ByteArrayConverter: ${schema.type}`);
      if (value !== null && !(value instanceof Uint8Array))
        throw new DataError(
          `ByteArrayConverter is not compatible with objects of type ${typeof value}: only bytes are written`,
        );
      return value;
    },
  }),
};
