import { expect, test } from 'vitest';
import { brokerArn, clusterArn } from './arn.ts';
import { zoneId } from './zone-id.ts';

const uuid = '1c4d5e6f-0000-4000-8000-00000000000a';

test.each([
  ['us-east-1', 'arn:aws:kafka:us-east-1:000000000000:cluster/demo/'],
  ['cn-north-1', 'arn:aws-cn:kafka:cn-north-1:000000000000:cluster/demo/'],
  ['us-gov-west-1', 'arn:aws-us-gov:kafka:us-gov-west-1:000000000000:cluster/demo/'],
])('a cluster in %s', (region, beginning) => {
  expect(clusterArn({ region, account: '000000000000' }, 'demo', uuid)).toBe(`${beginning}${uuid}-1`);
});

test('a broker has the ARN of its cluster with a uuid of its own, always the same', () => {
  const arn = clusterArn({ region: 'us-east-1', account: '000000000000' }, 'demo', uuid);
  expect(brokerArn(arn, 1)).toMatch(
    new RegExp(
      `^arn:aws:kafka:us-east-1:000000000000:broker/demo/${uuid}-1/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-1$`,
    ),
  );
  expect(brokerArn(arn, 1)).toBe(brokerArn(arn, 1));
  expect(brokerArn(arn, 1)).not.toBe(brokerArn(arn, 2));
});

// AWS's own ids of zones.
test.each([
  ['us-east-1', 'use1-az1'],
  ['us-west-2', 'usw2-az1'],
  ['eu-central-1', 'euc1-az1'],
  ['ap-southeast-2', 'apse2-az1'],
  ['ap-northeast-1', 'apne1-az1'],
  ['us-gov-west-1', 'usgw1-az1'],
])('the first zone of %s is %s', (region, id) => {
  expect(zoneId(region, 0)).toBe(id);
});
