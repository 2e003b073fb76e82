import type { SinkRecord } from '../../kernel/connect-record.ts';
import { DataError } from '../../kernel/task-errors.ts';
import type { ObjectFormat } from './object-format.ts';

const NOTHING = new Uint8Array();

/**
 * The values as they are, each with the separator behind it; they must be bytes, so the converter must be
 * ByteArrayConverter.
 */
export function byteArrayFormat(extension: string, separator: string): ObjectFormat {
  const behind = Buffer.from(separator);
  return {
    extension,
    contentType: 'application/octet-stream',
    hasSchema: false,
    begin: () => ({
      heldBytes: 0,
      encode({ value }: SinkRecord): Uint8Array {
        if (!(value instanceof Uint8Array))
          throw new DataError(
            'ByteArrayFormat writes bytes alone: use ByteArrayConverter as value.converter.',
          );
        return behind.length === 0 ? value : Buffer.concat([value, behind]);
      },
      end: () => NOTHING,
    }),
  };
}
