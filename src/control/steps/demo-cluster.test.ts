import { expect, test } from 'vitest';
import { wrongSecurity } from '../api/security-rules.ts';
import { isApiError } from '../aws/api-error.ts';
import { listenersOf } from '../state/listeners.ts';
import { demoCluster, demoConfigProblem } from './demo-cluster.ts';

const OPEN = {
  name: 'demo',
  brokers: 3,
  firstPortBase: 9092,
  tls: false,
  scram: false,
  iam: false,
  config: {},
};
const withConfig = (config: Record<string, string>) => demoCluster({ ...OPEN, config });

test.each([
  [{}, ['plaintext'], ''],
  [{ tls: true }, ['tls'], ''],
  [{ scram: true }, ['scram'], 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'],
  [{ iam: true }, ['iam'], 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'],
  [{ scram: true, iam: true }, ['scram', 'iam'], 'org.apache.kafka.metadata.authorizer.StandardAuthorizer'],
])('with %j it has the listeners %j, and the authorizer "%s"', (security, listeners, authorizer) => {
  const made = demoCluster({ ...OPEN, ...security });
  if (isApiError(made)) return expect.fail(made.message);
  expect(listenersOf(made.spec)).toEqual(listeners);
  expect(made.brokerConfig['authorizer.class.name']).toBe(authorizer);
  expect(wrongSecurity(made.spec, () => false)).toBe(null);
});

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
