import type { ConfigProperties } from './config.ts';
import type { ConnectValue, Schema } from './schema.ts';

export interface SchemaAndValue {
  readonly schema: Schema | null;
  readonly value: ConnectValue;
}

/** Between the bytes of Kafka's records and values. Both ways throw DataError. */
export interface Converter {
  toConnect(bytes: Uint8Array | null): SchemaAndValue;
  fromConnect(schema: Schema | null, value: ConnectValue): Uint8Array | null;
}

/** A converter that is built in. */
export interface ConverterSpec {
  /** As `key.converter` and `value.converter` have it. */
  readonly className: string;
  readonly doc: string;
  /** Each behind `key.converter.` or `value.converter.`. */
  readonly properties: ConfigProperties;
  /** Throws when the texts are wrong, which `readConfig` has found out before. */
  make(texts: Readonly<Record<string, string>>): Converter;
}
