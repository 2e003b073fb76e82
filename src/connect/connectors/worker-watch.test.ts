import { expect, test } from 'vitest';
import { ManualClock } from '../../../test/coordinator/manual-clock.ts';
import type { Connector } from '../state/connector.ts';
import type { ConnectorStatus } from '../worker/connector-port.ts';
import type { GroupPlan, WorkerGroup } from '../worker/worker-group.ts';
import { metricsIn } from '../worker/worker-metrics.ts';
import { type ConnectorHealth, connectorHealth } from './connector-health.ts';
import { WorkerWatch } from './worker-watch.ts';

const WORKER = '127.0.0.1:10001';
const STATUS: ConnectorStatus = {
  connector: { state: 'RUNNING', worker: WORKER, trace: null },
  tasks: [{ id: 0, state: 'RUNNING', worker: WORKER, trace: null }],
};

/**
 * What is said of a sink that says RUNNING; -1 heartbeats: as Kafka's consumer has it before its first one.
 */
async function healthOf(heartbeatSeconds: number, operationArn: string | null): Promise<ConnectorHealth> {
  const metrics = metricsIn({
    'kafka.connect:connector=orders,task=0,type=connector-task-metrics': { 'running-ratio': 1 },
    'kafka.connect:connector=orders,task=0,type=sink-task-metrics': { 'put-batch-avg-time-ms': 1 },
    'kafka.consumer:client-id=connector-consumer-orders-0,type=consumer-coordinator-metrics': {
      'last-heartbeat-seconds-ago': heartbeatSeconds,
    },
  });
  const addresses = new Set([WORKER]);
  const group = { addresses, usage: () => [], metrics: async () => new Map([[WORKER, metrics]]) };
  const watch = new WorkerWatch(new ManualClock(), group as unknown as WorkerGroup);
  const connector = { name: 'orders', operationArn } as Connector;
  return watch.health(connector, { properties: {} } as GroupPlan, STATUS, connectorHealth(STATUS, addresses));
}

test('a sink of a changed connector runs once its consumer has joined: before, it has read nothing', async () => {
  expect(await healthOf(-1, 'operation')).toMatchObject({
    health: 'pending',
    why: 'the consumer of task 0 has not joined the group connect-orders',
  });
  expect(await healthOf(0, 'operation')).toMatchObject({ health: 'running' });
});

test('without an operation a sink runs as it says, until it has not joined for a minute', async () => {
  expect(await healthOf(-1, null)).toMatchObject({ health: 'running' });
});
