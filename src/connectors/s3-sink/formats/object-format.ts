import type { SinkRecord } from '../../kernel/connect-record.ts';

/** How records are written into an object. */
export interface ObjectFormat {
  /** Of an object's name, with its dot. */
  readonly extension: string;
  readonly contentType: string;
  /** An object has one schema: records of another one begin further objects. */
  readonly hasSchema: boolean;
  /** Of one object. */
  begin(): ObjectEncoder;
}

export interface ObjectEncoder {
  /** About as many bytes are in memory and not given out yet. */
  readonly heldBytes: number;
  /**
   * The object's next bytes, which may be none yet. Throws DataError, and then the object is as if there had
   * been no such record.
   */
  encode(record: SinkRecord): Uint8Array;
  /** The object's last bytes. */
  end(): Uint8Array;
}
