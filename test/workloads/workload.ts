/**
 * Something clients do all the time while brokers are killed, and what must be true of it whenever they are
 * back.
 */
export interface Workload {
  readonly name: string;
  /** What it writes to. */
  readonly topic: string;
  /** Operations that were acknowledged. */
  readonly acknowledged: number;
  /**
   * One step of it. Throws Refused or ConnectionError when its outcome is a failure or unknown; the next step
   * goes on.
   */
  step(): Promise<void>;
  /** While no step is under way: what is not as it must be; empty when all is well. */
  violations(): Promise<string[]>;
  /** Ends what it has open beside the client that it was given. */
  close?(): Promise<void>;
}
