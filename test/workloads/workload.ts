/**
 * Something that clients do all the time while brokers are killed, and what must be true of it when the
 * brokers are back.
 */
export interface Workload {
  readonly name: string;
  /** The topic that it writes to. */
  readonly topic: string;
  /** The number of acknowledged operations. */
  readonly acknowledged: number;
  /**
   * One step. Throws Refused or ConnectionError if its outcome is a failure or unknown; the next step
   * continues.
   */
  step(): Promise<void>;
  /** Called while no step is under way: everything that is wrong; empty if nothing is. */
  violations(): Promise<string[]>;
  /** Closes what it has opened besides the client that it was given. */
  close?(): Promise<void>;
}
