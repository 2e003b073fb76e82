import { expect, test } from 'vitest';
import {
  type ConfigChange,
  type ConfigResource,
  incrementalAlterConfigs,
  replaceConfigs,
} from './configs-control.ts';
import { TestCluster } from './testing/cluster.ts';

const ORDERS: ConfigResource = { type: 'topic', name: 'orders' };

function apply(cluster: TestCluster, resource: ConfigResource, ...changes: ConfigChange[]) {
  const altered = incrementalAlterConfigs(cluster, resource, changes);
  if ('error' in altered) return altered.error;
  cluster.replay(altered);
  return altered.length;
}

const set = (name: string, value: string): ConfigChange => ({ name, operation: 'SET', value });

test('a change leaves the configs it does not name, and what is set already needs no record', () => {
  const cluster = TestCluster.of(1).topic('orders', [1]);
  expect(apply(cluster, ORDERS, set('retention.ms', '5'), set('segment.bytes', '1048576'))).toBe(2);
  expect(apply(cluster, ORDERS, set('retention.ms', '5'))).toBe(0);
  expect(apply(cluster, ORDERS, { name: 'retention.ms', operation: 'DELETE', value: null })).toBe(1);
  expect(cluster.image.configs.get('topic', 'orders')).toEqual(new Map([['segment.bytes', '1048576']]));
});

test('items are appended to and taken from a list, on top of its default; nothing else has items', () => {
  const cluster = TestCluster.of(1).topic('orders', [1]);
  const policy = () => cluster.image.configs.get('topic', 'orders').get('cleanup.policy');
  apply(cluster, ORDERS, { name: 'cleanup.policy', operation: 'APPEND', value: 'compact' });
  expect(policy()).toBe('delete,compact');
  apply(cluster, ORDERS, { name: 'cleanup.policy', operation: 'SUBTRACT', value: 'delete' });
  expect(policy()).toBe('compact');
  expect(apply(cluster, ORDERS, { name: 'retention.ms', operation: 'APPEND', value: '5' })).toBe(
    'INVALID_CONFIG',
  );
});

test('a value that appending has made too long for a record is refused as by Kafka, and what was set stays', () => {
  const cluster = TestCluster.of(1).topic('orders', [1]);
  const name = 'leader.replication.throttled.replicas';
  const half = (broker: number) => Array.from({ length: 3000 }, (_, i) => `${i}:${broker}`).join(',');
  expect(apply(cluster, ORDERS, set(name, half(1)))).toBe(1);
  const altered = incrementalAlterConfigs(cluster, ORDERS, [{ name, operation: 'APPEND', value: half(2) }]);
  expect(altered).toEqual({
    error: 'INVALID_CONFIG',
    message:
      'The configuration value cannot be added because it exceeds the maximum value size of 32767 bytes.',
  });
  expect(cluster.image.configs.get('topic', 'orders').get(name)).toBe(half(1));
});

test('of one resource all is changed or nothing', () => {
  const cluster = TestCluster.of(1).topic('orders', [1]);
  expect(apply(cluster, ORDERS, set('retention.ms', '5'), set('segment.bytes', 'many'))).toBe(
    'INVALID_CONFIG',
  );
  expect(cluster.image.configs.get('topic', 'orders').size).toBe(0);
});

test('only what exists has configs', () => {
  const cluster = TestCluster.of(1);
  expect(apply(cluster, ORDERS, set('retention.ms', '5'))).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  expect(apply(cluster, { type: 'broker', name: '9' }, set('log.retention.ms', '5'))).toBe(
    'BROKER_ID_NOT_REGISTERED',
  );
  expect(apply(cluster, { type: 'broker', name: 'one' }, set('log.retention.ms', '5'))).toBe(
    'INVALID_REQUEST',
  );
  expect(apply(cluster, { type: 'broker', name: '' }, set('log.retention.ms', '5'))).toBe(1);
});

// The order of Apache Kafka's ConfigurationControlManager.validateAlterConfig and ControllerConfigurationValidator.
test('of a topic a wrong name is told first, then a wrong config, and then that there is none', () => {
  const cluster = TestCluster.of(1);
  const wrong = set('retention', '5');
  expect(apply(cluster, { type: 'topic', name: '' }, wrong)).toBe('INVALID_REQUEST');
  expect(apply(cluster, { type: 'topic', name: 'a b' }, wrong)).toBe('INVALID_TOPIC_EXCEPTION');
  expect(apply(cluster, ORDERS, wrong)).toBe('INVALID_CONFIG');
  expect(replaceConfigs(cluster, ORDERS, new Map([['retention', '5']]))).toMatchObject({
    error: 'INVALID_CONFIG',
  });
  expect(replaceConfigs(cluster, ORDERS, new Map([['retention.ms', '5']]))).toMatchObject({
    error: 'UNKNOWN_TOPIC_OR_PARTITION',
  });
});

test('configs of brokers that do not go together are refused, and can be taken back', () => {
  const cluster = TestCluster.of(1);
  const all = { type: 'broker', name: '' } as const;
  const [none, override] = [
    set('max.connections.per.ip', '0'),
    set('max.connections.per.ip.overrides', '10.0.0.1:3'),
  ];
  expect(apply(cluster, all, none)).toBe('INVALID_REQUEST');
  expect(apply(cluster, all, none, override)).toBe(2);
  const taken = { ...override, operation: 'DELETE', value: null } as const;
  expect(apply(cluster, all, taken)).toBe('INVALID_REQUEST');
  expect(apply(cluster, all, taken, { ...none, operation: 'DELETE', value: null })).toBe(2);
});

test('the old AlterConfigs takes back what it does not name', () => {
  const cluster = TestCluster.of(1).topic('orders', [1]);
  apply(cluster, ORDERS, set('retention.ms', '5'), set('segment.bytes', '1048576'));
  const replaced = replaceConfigs(cluster, ORDERS, new Map([['retention.bytes', '7']]));
  if (!('error' in replaced)) cluster.replay(replaced);
  expect(cluster.image.configs.get('topic', 'orders')).toEqual(new Map([['retention.bytes', '7']]));
});

// `kafka-configs --entity-type broker-loggers --alter` was told "Log levels are kept by each broker".
test('who would set the level of a logger is told what sets it', () => {
  const cluster = TestCluster.of(1);
  const altered = incrementalAlterConfigs(cluster, { type: 'brokerLogger', name: '1' }, [
    set('root', 'DEBUG'),
  ]);
  expect(altered).toEqual({
    error: 'INVALID_REQUEST',
    message:
      'The level of a logger cannot be changed by a request: `millrace up --log-level` sets it for all brokers and the controller, and the option `log` for those of startCluster.',
  });
});
