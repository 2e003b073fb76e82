/** A log that a process writes, and where it is brought. */
export interface DeliveredLog {
  /** The cluster or the connector that it is of, by its name, as messages say it. */
  readonly owner: string;
  readonly file: string;
  /** The folder with the file that says how much of the log each target has. */
  readonly folder: string;
  readonly targets: {
    readonly logGroup?: { readonly group: string; readonly stream: string };
    /** Objects are named `FOLDER/yyyy-MM-dd-HH/SOURCE_HH-mm_….log.gz`. */
    readonly bucket?: { readonly bucket: string; readonly folder: string; readonly source: string };
  };
  /**
   * Turns whole lines of the log into those that are delivered; without it they are delivered as they are.
   */
  readonly told?: (lines: Buffer) => Buffer;
}

export type LogTarget = keyof DeliveredLog['targets'];
