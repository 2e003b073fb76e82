/** A log that a process writes, and where it is brought. */
export interface DeliveredLog {
  /** Of what it is, for people: the name of a cluster or of a connector. */
  readonly owner: string;
  readonly file: string;
  /** Where it is kept how much of it each target has. */
  readonly folder: string;
  readonly targets: {
    readonly logGroup?: { readonly group: string; readonly stream: string };
    /** Objects are named `FOLDER/yyyy-MM-dd-HH/SOURCE_HH-mm_….log.gz`. */
    readonly bucket?: { readonly bucket: string; readonly folder: string; readonly source: string };
  };
  /** What is told of what was written, where that is not the same: of whole lines, whole lines. */
  readonly told?: (lines: Buffer) => Buffer;
}

export type LogTarget = keyof DeliveredLog['targets'];
