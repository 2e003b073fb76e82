/** One task at work. */
export interface TaskLoop {
  /**
   * Works until it is stopped; everything is given back when this settles. Rejects with what the task failed
   * with.
   */
  run(): Promise<void>;
  /** It ends soon. */
  stop(): void;
  /** It does what it is there for: has its partitions, or has begun to read. */
  readonly isWorking: boolean;
  /** When it last got on, in monotonic milliseconds. */
  readonly progressedAt: number;
}
