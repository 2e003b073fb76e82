/** A server of its own with one database, whose changes can be captured. */
export interface Database extends AsyncDisposable {
  /** Before the table's name in the topic of its changes: the schema that it is in. */
  readonly schema: string;
  /** The beginning of the name of its connector's archive. */
  readonly archive: string;
  /** What is not data of the table: its columns, and that changes tell the whole row of before. */
  createTable(name: string, columns: string): Promise<void>;
  /**
   * Resolves to the lines that the statements answer with. Rejects when one fails: nothing can be asked any
   * more then.
   */
  sql(statements: string): Promise<string[]>;
  /**
   * What its connector wants to know of it, for a table. `bootstrap`: of the cluster, where a connector keeps
   * what it needs.
   */
  configuration(table: string, bootstrap: string): Readonly<Record<string, string>>;
}
