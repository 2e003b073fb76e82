import { gzipSync } from 'node:zlib';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { SinkRecord } from '../../kernel/connect-record.ts';
import { isStruct, type Schema } from '../../kernel/schema.ts';
import { DataError } from '../../kernel/task-errors.ts';
import type { ObjectEncoder, ObjectFormat } from './object-format.ts';
import { parquetSchema } from './parquet-schema.ts';
import { type ParquetValue, parquetValue } from './parquet-value.ts';

const NOTHING = new Uint8Array();
/**
 * Held of one object before a row group is written: larger ones are read faster, and this much is held of
 * every object.
 */
const ROW_GROUP_BYTES = 8 * 1024 ** 2;

const CODECS = {
  none: { codec: 'UNCOMPRESSED', extension: '.parquet' },
  snappy: { codec: 'SNAPPY', extension: '.snappy.parquet' },
  gzip: { codec: 'GZIP', extension: '.gz.parquet' },
} as const;
export type ParquetCodec = keyof typeof CODECS;

/** Parquet files of records that have a schema; each file has one. */
export function parquetFormat(name: ParquetCodec): ObjectFormat {
  const { codec, extension } = CODECS[name];
  return {
    extension,
    contentType: 'application/vnd.apache.parquet',
    hasSchema: true,
    begin: () => new ParquetEncoder(codec),
  };
}

class ParquetEncoder implements ObjectEncoder {
  readonly #codec: 'UNCOMPRESSED' | 'SNAPPY' | 'GZIP';
  readonly #bytes = new ByteWriter();
  #file: { readonly writer: ParquetWriter; readonly columns: readonly Column[] } | null = null;
  #heldBytes = 0;

  constructor(codec: 'UNCOMPRESSED' | 'SNAPPY' | 'GZIP') {
    this.#codec = codec;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  encode({ value, valueSchema }: SinkRecord): Uint8Array {
    if (!isStruct(value) || valueSchema === null)
      throw new DataError(
        'ParquetFormat needs records with a schema: JsonConverter has one with value.converter.schemas.enable=true.',
      );
    this.#file ??= this.#begun(valueSchema);
    const row = this.#file.columns.map(({ schema }, at) =>
      parquetValue(schema, value.values[at] ?? null, (bytes) => {
        this.#heldBytes += bytes;
      }),
    );
    for (const [at, column] of this.#file.columns.entries()) column.data.push(row[at] ?? null);
    return this.#heldBytes < ROW_GROUP_BYTES ? NOTHING : this.#rowGroup();
  }

  end(): Uint8Array {
    const group = this.#rowGroup();
    this.#file?.writer.finish();
    return Buffer.concat([group, this.#taken()]);
  }

  #begun(schema: Schema): { writer: ParquetWriter; columns: Column[] } {
    const writer = new ParquetWriter({
      ...{ writer: this.#bytes, schema: parquetSchema(schema), codec: this.#codec },
      compressors: { GZIP: (input: Uint8Array) => gzipSync(input) },
      createdBy: 'millrace',
    });
    return { writer, columns: (schema.fields ?? []).map((field) => ({ ...field, data: [] })) };
  }

  /** Writes what is held; its bytes, with those before it. */
  #rowGroup(): Uint8Array {
    const { writer, columns } = this.#file ?? { writer: null, columns: [] };
    const [first] = columns;
    if (!writer || !first || first.data.length === 0) return NOTHING;
    writer.write({
      columnData: columns.map(({ name, data }) => ({ name, data })),
      rowGroupSize: first.data.length,
    });
    for (const { data } of columns) data.length = 0;
    this.#heldBytes = 0;
    return this.#taken();
  }

  /** The writer goes on behind them. */
  #taken(): Uint8Array {
    const bytes = Uint8Array.from(this.#bytes.getBytes());
    this.#bytes.index = 0;
    return bytes;
  }
}

interface Column {
  readonly name: string;
  readonly schema: Schema;
  readonly data: ParquetValue[];
}
