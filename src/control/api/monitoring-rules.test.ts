import { expect, test } from 'vitest';
import type { ProvisionedRequest } from './cluster-shapes.ts';
import { wrongMonitoring } from './monitoring-rules.ts';

type LoggingInfo = NonNullable<ProvisionedRequest['loggingInfo']>;

test.each<[string, LoggingInfo, string]>([
  ['Firehose', { brokerLogs: { firehose: { enabled: true, deliveryStream: 'd' } } }, 'brokerLogs.firehose'],
  [
    'logs of the authorizer',
    { brokerLogs: {}, authorizerLogs: { cloudWatchLogs: { enabled: true, logGroup: 'g' } } },
    'authorizerLogs',
  ],
  [
    'no log group',
    { brokerLogs: { cloudWatchLogs: { enabled: true } } },
    'brokerLogs.cloudWatchLogs.logGroup',
  ],
  [
    'a log group outside its folder',
    { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: '/a/../../b' } } },
    'brokerLogs.cloudWatchLogs.logGroup',
  ],
  ['no bucket', { brokerLogs: { s3: { enabled: true } } }, 'brokerLogs.s3.bucket'],
  [
    'a bucket outside its folder',
    { brokerLogs: { s3: { enabled: true, bucket: '..' } } },
    'brokerLogs.s3.bucket',
  ],
  [
    'a prefix outside its bucket',
    { brokerLogs: { s3: { enabled: true, bucket: 'logs', prefix: '../../other' } } },
    'brokerLogs.s3.prefix',
  ],
])('logs are not delivered to %s', (_, loggingInfo, field) => {
  expect(wrongMonitoring({ loggingInfo })).toMatchObject({
    error: 'BadRequestException',
    invalidParameter: `loggingInfo.${field}`,
  });
});

test('what is not enabled is kept, whatever it says', () => {
  const loggingInfo: LoggingInfo = {
    brokerLogs: {
      cloudWatchLogs: { enabled: false },
      firehose: { enabled: false, deliveryStream: 'd' },
      s3: { enabled: false, bucket: 'X' },
    },
    authorizerLogs: { firehose: { enabled: false } },
  };
  expect(wrongMonitoring({ loggingInfo })).toBe(null);
});
