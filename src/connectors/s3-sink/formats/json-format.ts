import { jsonConverter } from '../../converters/json-converter.ts';
import type { SinkRecord } from '../../kernel/connect-record.ts';
import type { ObjectEncoder, ObjectFormat } from './object-format.ts';

const NOTHING = new Uint8Array();

/** A line for each record, with its value as JSON without a schema. */
export const jsonFormat: ObjectFormat = {
  extension: '.json',
  contentType: 'application/json',
  hasSchema: false,
  begin: () => ENCODER,
};

const converter = jsonConverter.make({ 'schemas.enable': 'false' });

/** It keeps nothing between records. */
const ENCODER: ObjectEncoder = {
  heldBytes: 0,
  encode({ value, valueSchema }: SinkRecord): Uint8Array {
    const json = converter.fromConnect(valueSchema, value) ?? NOTHING;
    const line = Buffer.allocUnsafe(json.length + 1);
    line.set(json);
    line[json.length] = 0x0a;
    return line;
  },
  end: () => NOTHING,
};
