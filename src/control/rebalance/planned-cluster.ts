export interface PlanBroker {
  readonly id: number;
  readonly zone: string;
  /** False: it is to be drained and ends with nothing. */
  readonly accepts: boolean;
}

export interface PlanPartition {
  readonly topic: string;
  readonly index: number;
  /** In preferred order. */
  readonly replicas: readonly number[];
  /** -1 when there is none. */
  readonly leader: number;
  readonly sizeInBytes: number;
}
