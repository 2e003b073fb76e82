import { expect, test } from 'vitest';
import { isApiError } from '../aws/api-error.ts';
import { demoCluster, demoConflict } from './demo-cluster.ts';

const withConfig = (config: Record<string, string>) =>
  demoCluster({ name: 'demo', brokers: 3, firstPortBase: 9092, tls: false, scram: false, config });

test('configs of a person stand before the defaults of the cluster', () => {
  expect(withConfig({ 'num.partitions': '6', 'message.max.bytes': '8388608' })).toMatchObject({
    brokerConfig: { 'num.partitions': '6', 'message.max.bytes': '8388608', 'min.insync.replicas': '2' },
  });
});

test.each([
  ['num.partition', '6', 'Unknown broker config name: num.partition'],
  ['num.partitions', 'many', 'Invalid value many for configuration num.partitions'],
  ['log.dirs', '/tmp', 'Millrace assigns it when it starts the broker'],
])('%s=%s is refused before anything is made', (name, value, message) => {
  expect(withConfig({ [name]: value })).toMatchObject({
    error: 'BadRequestException',
    message: expect.stringContaining(message),
  });
});

test('configs that do not go together are refused of a new cluster, after it is known that it is new', () => {
  const made = withConfig({ 'group.consumer.session.timeout.ms': '4000' });
  if (isApiError(made)) return expect.fail(made.message);
  expect(demoConflict(made)).toBe(
    '--config: group.consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms',
  );
  const plain = withConfig({});
  expect(isApiError(plain) || demoConflict(plain)).toBe(null);
});
