import type { NodeFiles } from '../../control/node-files.ts';
import type { ConnectFacts } from './checks/connect-check.ts';

/** What the other layers tell of this machine. */
export interface Machine {
  /** Of this program. */
  readonly version: string;
  /** How many files and connections a process may have open; null where the system does not tell. */
  readonly openFiles: number | null;
  /** The nodes of all clusters in a data folder. */
  readonly nodeFiles: (dataDirectory: string) => readonly NodeFiles[];
  /**
   * Kafka Connect in this folder, or in the data folder where none is named, with the Java of this
   * environment.
   */
  readonly findConnect: (home: string | undefined, dataDirectory: string) => Promise<ConnectFacts>;
}
