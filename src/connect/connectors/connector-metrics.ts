import type { ProcessUsage } from '../worker/process-usage.ts';
import type { WorkerMetrics } from '../worker/worker-metrics.ts';

/** Of a unit of MSK Connect. */
const BYTES_PER_MCU = 4 * 1_024 ** 3;

/** What is known of one connector now. */
export interface MeasuredConnector {
  readonly name: string;
  readonly mcuCount: number;
  /** Of its tasks: running on a worker that serves, and failed. */
  readonly tasks: { readonly running: number; readonly errored: number };
  readonly usage: readonly ProcessUsage[];
  /** In percent of a worker's CPUs; empty before it is known. */
  readonly cpuPercents: readonly number[];
  /** Of workers of Kafka Connect. */
  readonly workers: readonly WorkerMetrics[];
}

type Values = readonly (number | null)[];
type Combine = (values: readonly number[]) => number;

const sum: Combine = (values) => values.reduce((total, value) => total + value, 0);
const mean: Combine = (values) => sum(values) / values.length;
const most: Combine = (values) => Math.max(...values);
const least: Combine = (values) => Math.min(...values);

/**
 * Connectors under MSK Connect's names of CloudWatch, as the exporter of Prometheus spells these:
 * `CpuUtilization` is
 * `aws_kafkaconnect_cpu_utilization`. What is not known now is left out.
 */
export function connectorMetrics(connectors: readonly MeasuredConnector[]): string {
  const metrics: readonly (readonly [name: string, of: (one: MeasuredConnector) => number | null])[] = [
    ['worker_count', ({ usage }) => usage.length],
    ['running_task_count', ({ tasks }) => tasks.running],
    ['errored_task_count', ({ tasks }) => tasks.errored],
    ['cpu_utilization', ({ cpuPercents }) => combined(cpuPercents, mean)],
    [
      'memory_utilization',
      ({ usage, mcuCount }) =>
        combined(
          usage.map(({ residentBytes }) => (100 * residentBytes) / (mcuCount * BYTES_PER_MCU)),
          mean,
        ),
    ],
    ['bytes_in_per_sec', (one) => combined(ofClients(one, 'consumer', 'incoming-byte-rate'), sum)],
    ['bytes_out_per_sec', (one) => combined(ofClients(one, 'producer', 'outgoing-byte-rate'), sum)],
    ['sink_record_read_rate', (one) => combined(ofTasks(one, 'sink', 'sink-record-read-rate'), sum)],
    ['sink_record_send_rate', (one) => combined(ofTasks(one, 'sink', 'sink-record-send-rate'), sum)],
    ['source_record_poll_rate', (one) => combined(ofTasks(one, 'source', 'source-record-poll-rate'), sum)],
    ['source_record_write_rate', (one) => combined(ofTasks(one, 'source', 'source-record-write-rate'), sum)],
    ['task_startup_attempts_total', (one) => combined(ofWorkers(one, 'task-startup-attempts-total'), sum)],
    [
      'task_startup_success_percentage',
      // Kafka's is a part of one.
      (one) => combined(ofWorkers(one, 'task-startup-success-percentage').map(hundredfold), mean),
    ],
    ['rebalance_completed_total', (one) => combined(ofRebalances(one, 'completed-rebalances-total'), most)],
    ['rebalance_time_avg', (one) => combined(ofRebalances(one, 'rebalance-avg-time-ms'), mean)],
    ['rebalance_time_max', (one) => combined(ofRebalances(one, 'rebalance-max-time-ms'), most)],
    [
      'rebalance_time_since_last',
      (one) => combined(ofRebalances(one, 'time-since-last-rebalance-ms'), least),
    ],
  ];
  return metrics
    .map(([metric, of]) => {
      const name = `aws_kafkaconnect_${metric}`;
      // Names of connectors have letters, digits, dots, hyphens and underscores alone.
      const lines = connectors.flatMap((one) => {
        const value = of(one);
        return value === null ? [] : [`${name}{connector_name="${one.name}"} ${value}\n`];
      });
      return lines.length === 0 ? '' : `# TYPE ${name} gauge\n${lines.join('')}`;
    })
    .join('');
}

/** Null where there is no value. */
function combined(values: Values, combine: Combine): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : combine(known);
}

function hundredfold(part: number | null): number | null {
  return part === null ? null : part * 100;
}

function ofTasks({ name, workers }: MeasuredConnector, kind: 'sink' | 'source', attribute: string): Values {
  return values(
    workers,
    (bean) =>
      bean.startsWith(`kafka.connect:connector=${name},task=`) && bean.endsWith(`,type=${kind}-task-metrics`),
    attribute,
  );
}

function ofClients(
  { name, workers }: MeasuredConnector,
  kind: 'consumer' | 'producer',
  attribute: string,
): Values {
  return values(
    workers,
    (bean) =>
      bean.startsWith(`kafka.${kind}:client-id=connector-${kind}-${name}-`) &&
      bean.endsWith(`,type=${kind}-metrics`),
    attribute,
  );
}

function ofWorkers({ workers }: MeasuredConnector, attribute: string): Values {
  return values(workers, (bean) => bean === 'kafka.connect:type=connect-worker-metrics', attribute);
}

function ofRebalances({ workers }: MeasuredConnector, attribute: string): Values {
  return values(workers, (bean) => bean === 'kafka.connect:type=connect-worker-rebalance-metrics', attribute);
}

function values(
  workers: readonly WorkerMetrics[],
  wants: (bean: string) => boolean,
  attribute: string,
): Values {
  return workers.flatMap((metrics) =>
    [...metrics].flatMap(([bean, numbers]) => (wants(bean) ? [numbers[attribute] ?? null] : [])),
  );
}
