import type { Clock } from '../../base/clock.ts';
import type { ResponseOf } from '../../protocol/api.ts';
import type { produce } from '../../protocol/messages/00-produce.ts';
import type { Partition } from '../../replication/partition.ts';
import type { RequestInfo } from '../../server/handler.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };
/** What one partition of a Produce request is answered; filled in until it leaves. */
export type ProducedPartitionResponse = Writable<
  ResponseOf<typeof produce>['responses'][number]['partitionResponses'][number]
>;

/** Which partitions of one Produce request wait for an acknowledgement. */
export class AwaitedAnswers {
  readonly #clock: Clock;
  readonly #info: RequestInfo<'TOPIC:WRITE'>;
  readonly #acks: number;
  /** Those that wait for acks=all, each with who has its records; null before they are appended. */
  #pending: Map<ProducedPartitionResponse, Partition | null> | undefined;
  /** Whether the request was answered, or its client has disconnected. */
  #isOver = false;
  #count = 0;
  #complete: (() => void) | undefined;

  constructor(clock: Clock, info: RequestInfo<'TOPIC:WRITE'>, acks: number) {
    this.#clock = clock;
    this.#info = info;
    this.#acks = acks;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Whether whoever asked has gone, or was answered: for `LeaderAppend`. */
  readonly hasLeft = (): boolean => this.#isOver;

  /** `partition` has the records; null when they are not appended yet. */
  add(response: ProducedPartitionResponse, partition: Partition | null): void {
    this.#count++;
    if (this.#acks !== -1) return;
    this.#pending ??= new Map();
    this.#pending.set(response, partition);
  }

  /** What was added without a partition is appended now, and waits unless it has been answered. */
  appended(response: ProducedPartitionResponse, partition: Partition): void {
    if (this.#pending?.has(response)) this.#pending.set(response, partition);
  }

  /** To be called once for each that was added, also after a timeout. */
  settled(response: ProducedPartitionResponse): void {
    this.#pending?.delete(response);
    this.#count--;
    if (this.#count > 0) return;
    const complete = this.#complete;
    this.#complete = undefined;
    complete?.();
  }

  /** Resolves when all are settled, or at the timeout, when `timedOut` runs for each that is not. */
  wait(timeoutMs: number, timedOut: (response: ProducedPartitionResponse) => void): Promise<void> {
    return new Promise((resolve) => {
      // acks=1 waits for the write of this turn of the loop only.
      const timer = this.#pending
        ? this.#clock.after(Math.max(0, timeoutMs), () => {
            for (const response of this.#pending?.keys() ?? []) timedOut(response);
            this.#complete = undefined;
            this.#leave();
            resolve();
          })
        : undefined;
      // Ends the wait when the client has disconnected.
      if (timer)
        this.#info.afterWrite(() => {
          timer.cancel();
          this.#leave();
        });
      this.#complete = () => {
        timer?.cancel();
        resolve();
      };
    });
  }

  /** The appends stay; only the wait for them ends. */
  #leave(): void {
    this.#isOver = true;
    const pending = this.#pending;
    this.#pending = undefined;
    for (const partition of pending?.values() ?? []) partition?.waiterLeft();
  }
}
