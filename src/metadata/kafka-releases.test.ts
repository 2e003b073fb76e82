import { expect, test } from 'vitest';
import { KAFKA_RELEASES, kafkaRelease } from './kafka-releases.ts';

test('a later release serves all that an earlier one serves, so that an upgrade takes nothing from clients', () => {
  const lost = KAFKA_RELEASES.flatMap((release, index) =>
    KAFKA_RELEASES.slice(index + 1).flatMap((later) => [
      ...[...release.lastVersions].filter(([key, last]) => (later.lastVersions.get(key) ?? -1) < last),
      ...[...release.supported].filter(([name, level]) => (later.supported.get(name) ?? 0) < level),
      ...[...release.levels].filter(([name, level]) => (later.levels.get(name) ?? 0) < level),
    ]),
  );
  expect(lost).toEqual([]);
});

/** What `MetadataVersion.LATEST_PRODUCTION` and `Feature.defaultLevel` of the releases' own jars say. */
test.each([
  ['3.6', { 'metadata.version': 14 }],
  ['3.7', { 'metadata.version': 19 }],
  ['3.8', { 'metadata.version': 20 }],
  ['3.9', { 'metadata.version': 21, 'kraft.version': 1 }],
  [
    '4.0',
    {
      'metadata.version': 25,
      'kraft.version': 1,
      'transaction.version': 2,
      'group.version': 1,
      'eligible.leader.replicas.version': 0,
    },
  ],
  [
    '4.1',
    {
      'metadata.version': 27,
      'kraft.version': 1,
      'transaction.version': 2,
      'group.version': 1,
      'streams.version': 0,
      'eligible.leader.replicas.version': 1,
      'share.version': 0,
    },
  ],
])('a new cluster of Kafka %s has its features', (name, levels) => {
  expect(Object.fromEntries(kafkaRelease(name)?.levels ?? [])).toEqual(levels);
});

test('a release that is not in the table is none', () => {
  expect(() => kafkaRelease('2.8')).toThrow('There is no release 2.8');
  expect(kafkaRelease(undefined)).toBe(null);
});
