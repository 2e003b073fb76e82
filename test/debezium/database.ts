/** A database on a server of its own, whose changes can be captured. */
export interface Database extends AsyncDisposable {
  /** The schema of the table, which is before the table's name in the topic of its changes. */
  readonly schema: string;
  /** The beginning of the name of its connector's archive. */
  readonly archive: string;
  /** Creates the table with these columns, and makes its changes contain the whole old row. */
  createTable(name: string, columns: string): Promise<void>;
  /**
   * Resolves with the lines that the statements print. Rejects if one fails; after that the session is over.
   */
  sql(statements: string): Promise<string[]>;
  /**
   * The connector's properties for a table. `bootstrap`: the cluster, where a connector stores what it needs.
   */
  configuration(table: string, bootstrap: string): Readonly<Record<string, string>>;
}
