/** Three brokers with a controller, and what a bench does to them: ours, or Apache Kafka's. */
export interface BrokerCluster {
  readonly name: string;
  /** Addresses of the brokers, with commas; the same after a start. */
  readonly bootstrap: string;
  /** The processes of the brokers that run now. */
  pids(): number[];
  /** kill -9; whoever supervises the broker starts it again. */
  killBroker(id: number): void;
  /** A stop in order of everything, then a start. Resolves when the processes run, not when they serve. */
  stopAndStart(): Promise<void>;
  /** The same after kill -9 of everything. */
  killAndStart(): Promise<void>;
  /** How often the controller gave up a broker so far; null when that is not known. */
  fencings(): number | null;
  /** Ends everything and removes its data. */
  remove(): Promise<void>;
}

export const BROKER_IDS = [1, 2, 3];
