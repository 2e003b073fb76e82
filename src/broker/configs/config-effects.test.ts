import { describe, expect, test } from 'vitest';
import { brokerConfigs } from '../../metadata/configs/broker-configs.ts';
import { groupConfigs } from '../../metadata/configs/group-configs.ts';
import { topicConfigs } from '../../metadata/configs/topic-configs.ts';
import type { ConfigResourceType } from '../../metadata/configs.ts';
import type { ConfigEffect } from './testing/config-effect.ts';
import { Configured } from './testing/configured.ts';
import { groupsEffects } from './testing/effects/groups.ts';
import { logsEffects } from './testing/effects/logs.ts';
import { replicationEffects } from './testing/effects/replication.ts';
import { requestsEffects } from './testing/effects/requests.ts';
import { shareGroupsEffects } from './testing/effects/share-groups.ts';
import { streamsGroupsEffects } from './testing/effects/streams-groups.ts';
import { transactionsEffects } from './testing/effects/transactions.ts';

const effects = [
  ...groupsEffects,
  ...logsEffects,
  ...replicationEffects,
  ...requestsEffects,
  ...shareGroupsEffects,
  ...streamsGroupsEffects,
  ...transactionsEffects,
];

const ALL_BROKERS = '';

function tableOf({ key }: ConfigEffect): 'broker' | 'topic' | 'group' {
  if (topicConfigs.get(key.name) === key) return 'topic';
  if (groupConfigs.get(key.name) === key) return 'group';
  expect(brokerConfigs.get(key.name)).toBe(key);
  return 'broker';
}

const ofBrokers = effects.filter((each) => tableOf(each) === 'broker');

/** Sets the config there and takes it back: the effect comes and goes, or stays away. */
function comesAndGoes(
  { key, value, expected, see, beside }: ConfigEffect,
  at: { readonly type: ConfigResourceType; readonly name: string; readonly isSeen: boolean },
): void {
  const configured = new Configured(beside);
  const before = see(configured);
  expect(before, 'without the config').not.toEqual(expected);
  configured.set(at.type, at.name, key.name, value);
  expect(see(configured), 'with the config').toEqual(at.isSeen ? expected : before);
  configured.set(at.type, at.name, key.name, null);
  expect(see(configured), 'without the config again').toEqual(before);
}

describe('a config that a broker is started with has its effect', () => {
  test.each(ofBrokers.map((each) => [each.key.name, each] as const))('%s', (_, effect) => {
    const { key, value, see, expected, beside } = effect;
    expect(see(new Configured(beside)), 'without the config').not.toEqual(expected);
    expect(see(new Configured({ ...beside, [key.name]: value }))).toEqual(expected);
  });
});

describe('a live config of brokers has its effect while they run, until it is taken back', () => {
  const live = ofBrokers.filter(({ key }) => key.obedience.when === 'live');
  /** The controller decides by it, which is no broker. */
  const ofController = ['unclean.leader.election.enable'];

  test.each(live.map((each) => [each.key.name, each] as const))('%s', (name, effect) => {
    comesAndGoes(effect, { type: 'broker', name: ALL_BROKERS, isSeen: true });
    comesAndGoes(effect, { type: 'broker', name: '1', isSeen: !ofController.includes(name) });
    comesAndGoes(effect, { type: 'broker', name: '2', isSeen: false });
  });
});

describe.each([
  ['topic', 'orders'],
  ['group', 'app'],
] as const)('a config of one %s has its effect there, until it is taken back', (type, name) => {
  const ofIt = effects.filter((each) => tableOf(each) === type);

  test.each(ofIt.map((each) => [each.key.name, each] as const))('%s', (_, effect) => {
    comesAndGoes(effect, { type, name, isSeen: true });
    comesAndGoes(effect, { type, name: 'other', isSeen: false });
  });
});
