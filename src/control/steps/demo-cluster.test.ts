import { expect, test } from 'vitest';
import { isApiError } from '../aws/api-error.ts';
import { demoCluster, demoConfigProblem } from './demo-cluster.ts';

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

test.each([
  [
    'group.consumer.session.timeout.ms',
    '4000',
    '--config: group.consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms',
  ],
  [
    'group.share.assignors',
    'org.acme.Fair',
    '--config: Invalid value org.acme.Fair for configuration group.share.assignors: String must be one of: simple',
  ],
])('%s=%s is refused of a new cluster, once it is known that it is new', (name, value, message) => {
  const made = withConfig({ [name]: value });
  if (isApiError(made)) return expect.fail(made.message);
  expect(demoConfigProblem(made)).toBe(message);
  const plain = withConfig({});
  expect(isApiError(plain) || demoConfigProblem(plain)).toBe(null);
});
