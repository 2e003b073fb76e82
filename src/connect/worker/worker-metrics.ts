/**
 * What a worker of Kafka Connect tells by JMX: by the canonical name of a bean its numbers. Null: Kafka says
 * that there is none now, as for a mean of what did not happen in its last 30 to 60 s.
 */
export type WorkerMetrics = ReadonlyMap<string, Readonly<Record<string, number | null>>>;

/** Of the answer of a worker's door; empty where it is none. */
export function metricsIn(answer: unknown): WorkerMetrics {
  const beans = new Map<string, Record<string, number | null>>();
  for (const [name, values] of entriesOf(answer)) {
    const numbers: Record<string, number | null> = {};
    for (const [attribute, value] of entriesOf(values))
      if (value === null || typeof value === 'number') numbers[attribute] = value;
    beans.set(name, numbers);
  }
  return beans;
}

/**
 * The bean of one task: of the type `sink-task-metrics`, `source-task-metrics` or `connector-task-metrics`.
 */
export function taskBean(connector: string, task: number, type: string): string {
  return `kafka.connect:connector=${connector},task=${task},type=${type}`;
}

/** The bean of the membership of a sink's task in its group. */
export function memberBean(connector: string, task: number): string {
  return `kafka.consumer:client-id=connector-consumer-${connector}-${task},type=consumer-coordinator-metrics`;
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
