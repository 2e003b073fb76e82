import { expect, test } from 'vitest';
import { metricsIn } from '../worker/worker-metrics.ts';
import { connectorMetrics } from './connector-metrics.ts';

const GIGABYTE = 1_024 ** 3;

/** As a worker of Kafka Connect 4.3.1 tells it. */
const sink = (task: number, rate: number) =>
  metricsIn({
    [`kafka.connect:connector=orders,task=${task},type=sink-task-metrics`]: { 'sink-record-read-rate': rate },
    [`kafka.consumer:client-id=connector-consumer-orders-${task},type=consumer-metrics`]: {
      'incoming-byte-rate': 1_000,
    },
    'kafka.connect:type=connect-worker-metrics': {
      'task-startup-attempts-total': 2,
      'task-startup-success-percentage': 0.5,
    },
    'kafka.connect:type=connect-worker-rebalance-metrics': {
      'completed-rebalances-total': 3 + task,
      'time-since-last-rebalance-ms': 100 * (task + 1),
      'rebalance-avg-time-ms': null,
    },
  });

test('connectors are measured under the names that CloudWatch has for MSK Connect', () => {
  const text = connectorMetrics([
    {
      ...{ name: 'orders', mcuCount: 1, tasks: { running: 2, errored: 1 } },
      usage: [1, 2].map((pid) => ({ pid, cpuMs: 0, residentBytes: GIGABYTE })),
      cpuPercents: [10, 30],
      workers: [sink(0, 20), sink(1, 5)],
    },
    {
      ...{ name: 'built-in', mcuCount: 1, tasks: { running: 1, errored: 0 } },
      ...{ usage: [], cpuPercents: [], workers: [] },
    },
  ]);
  const values = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(values).toEqual([
    'aws_kafkaconnect_worker_count{connector_name="orders"} 2',
    'aws_kafkaconnect_worker_count{connector_name="built-in"} 0',
    'aws_kafkaconnect_running_task_count{connector_name="orders"} 2',
    'aws_kafkaconnect_running_task_count{connector_name="built-in"} 1',
    'aws_kafkaconnect_errored_task_count{connector_name="orders"} 1',
    'aws_kafkaconnect_errored_task_count{connector_name="built-in"} 0',
    'aws_kafkaconnect_cpu_utilization{connector_name="orders"} 20',
    'aws_kafkaconnect_memory_utilization{connector_name="orders"} 25',
    'aws_kafkaconnect_bytes_in_per_sec{connector_name="orders"} 2000',
    'aws_kafkaconnect_sink_record_read_rate{connector_name="orders"} 25',
    'aws_kafkaconnect_task_startup_attempts_total{connector_name="orders"} 4',
    'aws_kafkaconnect_task_startup_success_percentage{connector_name="orders"} 50',
    'aws_kafkaconnect_rebalance_completed_total{connector_name="orders"} 4',
    'aws_kafkaconnect_rebalance_time_since_last{connector_name="orders"} 100',
  ]);
});
