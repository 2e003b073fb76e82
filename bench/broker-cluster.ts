/** Three brokers with a controller, of Millrace or of Apache Kafka, and what a benchmark does to them. */
export interface BrokerCluster {
  readonly name: string;
  /** The brokers' addresses with commas between them; they stay the same after a restart. */
  readonly bootstrap: string;
  /** The process ids of the brokers that run now. */
  pids(): number[];
  /** Sends SIGKILL; the supervisor of the broker starts it again. */
  killBroker(id: number): void;
  /**
   * Stops everything in order, then starts it. Resolves when the processes run, which is before they serve.
   */
  stopAndStart(): Promise<void>;
  /** The same after SIGKILL of everything. */
  killAndStart(): Promise<void>;
  /** How many times the controller has fenced a broker; null if that is not known. */
  fencings(): number | null;
  /** Ends all processes and removes the data. */
  remove(): Promise<void>;
}

export const BROKER_IDS = [1, 2, 3];
