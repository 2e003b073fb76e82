import { sleep } from '../../base/clock.ts';
import { below, Sfc32 } from '../../base/random.ts';
import { INT64 } from '../kernel/common-schemas.ts';
import type { SourceRecord } from '../kernel/connect-record.ts';
import { isStruct } from '../kernel/schema.ts';
import type { SourceTask, SourceTaskContext } from '../kernel/source-task.ts';
import type { QuickstartName } from './quickstart-names.ts';
import { made, QUICKSTARTS, type Quickstart } from './quickstarts.ts';

/** Without waits between them so many records are made up at a time. */
const BATCH = 1000;
/** A poll returns after so long. */
const POLL_MS = 500;
/** Seeds have 52 bits: these of them are the number of a record. */
const NUMBER_BITS = 20;

export interface DatagenConfig {
  readonly topic: string;
  readonly quickstart: QuickstartName;
  /** 0: no waits. */
  readonly intervalMs: number;
  /** -1: no end. */
  readonly iterations: number;
  readonly seed: number;
}

/**
 * Makes up records. Each follows from the seed, the task and its number alone, so that a task that was killed
 * goes on with the next record, whatever it had made before; the offset is `current.iteration`, the last
 * number.
 */
export class DatagenTask implements SourceTask {
  readonly #config: DatagenConfig;
  readonly #quickstart: Quickstart;
  #context: SourceTaskContext | null = null;
  /** Of the next record. */
  #iteration = 0;
  #dueAt = 0;

  constructor(config: DatagenConfig) {
    this.#config = config;
    this.#quickstart = QUICKSTARTS[config.quickstart];
  }

  async start(context: SourceTaskContext): Promise<void> {
    this.#context = context;
    const last = (await context.offset({ 'task.id': context.taskId }))?.['current.iteration'] ?? -1;
    if (typeof last !== 'number') throw new Error('The stored current.iteration is no number');
    this.#iteration = last + 1;
  }

  async poll(): Promise<readonly SourceRecord[]> {
    const context = this.#context;
    if (!context) return [];
    const { clock, random } = context.world;
    const { intervalMs, iterations } = this.#config;
    const left = iterations < 0 ? BATCH : iterations - this.#iteration;
    const waitMs = left > 0 ? this.#dueAt - clock.monotonic() : POLL_MS;
    if (waitMs > 0) {
      await sleep(clock, Math.min(waitMs, POLL_MS));
      if (waitMs > POLL_MS || left <= 0 || context.signal.aborted) return [];
    }
    this.#dueAt = clock.monotonic() + below(random, intervalMs + 1);
    const count = intervalMs === 0 ? Math.min(BATCH, left) : 1;
    const now = clock.now();
    return Array.from({ length: count }, () => this.#record(context.taskId, now));
  }

  async commit(): Promise<void> {}

  async stop(): Promise<void> {}

  #record(taskId: number, timestamp: number): SourceRecord {
    const iteration = this.#iteration++;
    const { topic, seed } = this.#config;
    const value = made(this.#quickstart, new Sfc32(seedOf(seed, taskId, iteration)), iteration);
    const { schema, keyAt } = this.#quickstart;
    return {
      ...{ topic, partition: null, timestamp, value, valueSchema: schema },
      key: isStruct(value) ? (value.values[keyAt] ?? null) : null,
      keySchema: schema.fields?.[keyAt]?.schema ?? null,
      headers: [
        { key: 'task.id', value: BigInt(taskId), schema: INT64 },
        { key: 'current.iteration', value: BigInt(iteration), schema: INT64 },
      ],
      sourcePartition: { 'task.id': taskId },
      sourceOffset: { 'current.iteration': iteration },
    };
  }
}

/**
 * Of one record: no other record of the first million of its task has the same, and hardly one of another
 * task.
 */
function seedOf(seed: number, taskId: number, iteration: number): number {
  const own = iteration % 2 ** NUMBER_BITS;
  const rest = (seed + Math.imul(taskId, 0x9e3779b1) + Math.floor(iteration / 2 ** NUMBER_BITS)) >>> 0;
  return own * 2 ** 32 + rest;
}
