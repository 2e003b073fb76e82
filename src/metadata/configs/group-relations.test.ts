import { expect, test } from 'vitest';
import { ConfigRules } from '../../controller/config-rules.ts';
import { ConfigsDelta, ConfigsImage, configResourceTypes } from '../configs.ts';
import { brokerConfig, validateDynamicBrokerConfigs } from './broker-configs.ts';

/** What a controller with these properties says of a group that would have `configs` after `before`. */
function judge(
  configs: Record<string, string>,
  {
    before = {},
    properties = {},
  }: { before?: Record<string, string>; properties?: Record<string, string> } = {},
): string | null {
  const inForce = new ConfigsDelta(ConfigsImage.empty);
  for (const [name, value] of Object.entries(before))
    inForce.replay({
      type: 'ConfigRecord',
      resourceType: configResourceTypes.group,
      resourceName: 'queue',
      name,
      value,
    });
  const rules = new ConfigRules({ nodeId: 100, properties });
  return rules.validate('group', 'queue', new Map(Object.entries(configs)), inForce.apply())?.message ?? null;
}

test('a share group may not have what is out of the bounds of the brokers', () => {
  expect(judge({ 'share.record.lock.duration.ms': '14999' })).toBe(
    'share.record.lock.duration.ms must be greater than or equal to group.share.min.record.lock.duration.ms',
  );
  expect(judge({ 'share.delivery.count.limit': '11' })).toBe(
    'share.delivery.count.limit must be less than or equal to group.share.max.delivery.count.limit',
  );
});

test('the bounds are those that the brokers were started with', () => {
  const properties = { 'group.share.min.record.lock.duration.ms': '1000' };
  expect(judge({ 'share.record.lock.duration.ms': '14999' }, { properties })).toBe(null);
  expect(judge({ 'share.record.lock.duration.ms': '999' }, { properties })).toMatch('Value must be at least');
});

test('a session outlasts the heartbeats of its group, also where only one of the two is set for it', () => {
  const properties = {
    'group.share.max.heartbeat.interval.ms': '50000',
    'group.share.heartbeat.interval.ms': '46000',
    'group.share.session.timeout.ms': '60000',
  };
  const sentence = 'share.session.timeout.ms must be greater than share.heartbeat.interval.ms';
  expect(judge({ 'share.session.timeout.ms': '46000' }, { properties })).toBe(sentence);
  expect(judge({ 'share.session.timeout.ms': '46001' }, { properties })).toBe(null);
});

test('what an older release took is no reason to refuse another change, and can be mended and taken back', () => {
  const before = { 'share.heartbeat.interval.ms': '100' };
  expect(judge({ ...before, 'share.isolation.level': 'read_committed' }, { before })).toBe(null);
  expect(judge({ 'share.heartbeat.interval.ms': '99' }, { before })).toMatch('must be greater than or equal');
  expect(judge({}, { before })).toBe(null);
});

test('what is set for all groups while brokers run keeps to the bounds, too', () => {
  const fallback = (name: string) => brokerConfig(name)?.fallback ?? null;
  const change = (name: string, value: string) =>
    validateDynamicBrokerConfigs(new Map([[name, value]]), {
      of: 'cluster',
      current: fallback,
      beneath: fallback,
    })?.message ?? null;
  for (const kind of ['consumer', 'share', 'streams']) {
    expect(change(`group.${kind}.assignment.interval.ms`, '15000')).toBe(null);
    expect(change(`group.${kind}.assignment.interval.ms`, '15001')).toBe(
      `group.${kind}.assignment.interval.ms must be less than or equal to group.${kind}.max.assignment.interval.ms`,
    );
  }
});
