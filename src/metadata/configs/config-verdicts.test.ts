import { expect, test } from 'vitest';
import { ConfigRules } from '../../controller/config-rules.ts';
import { ConfigsImage } from '../configs.ts';
import { brokerConfigs, validateBrokerProperties } from './broker-configs.ts';
import { groupConfigs } from './group-configs.ts';
import recorded from './kafka-config-verdicts.vector.json' with { type: 'json' };

const rules = new ConfigRules({ nodeId: 100, properties: {} });

const verdicts = recorded.verdicts.map(({ of, configs, message }) => {
  const values = new Map(
    Object.entries<string | undefined>(configs).map(([name, value]) => [name, value ?? '']),
  );
  return {
    values,
    title: `${of} ${[...values].map(([name, value]) => `${name}=${value}`).join(' ')}`,
    theirs: message?.replace(/^requirement failed: /, '') ?? null,
    ours:
      of === 'group'
        ? (rules.validate('group', 'app', values, ConfigsImage.empty)?.message ?? null)
        : validateBrokerProperties(Object.fromEntries(values)),
  };
});

test('configs of brokers at their start, and of groups, are taken and refused as by Apache Kafka', () => {
  expect(verdicts.length).toBeGreaterThan(1000);
  const differing = verdicts.filter(({ ours, theirs }) => (ours === null) !== (theirs === null));
  expect(differing.map(({ title, ours, theirs }) => ({ title, ours, theirs }))).toEqual([]);
});

test('the sentence is Apache Kafka’s, unless that is one of Java’s', () => {
  const differing = verdicts.filter(
    ({ ours, theirs }) => ours !== null && theirs !== null && ours !== theirs && !JAVA.test(theirs),
  );
  expect(differing.map(({ title, ours, theirs }) => ({ title, ours, theirs }))).toEqual([]);
});

test('every refusal names a config', () => {
  const names = [...brokerConfigs.keys(), ...groupConfigs.keys()];
  for (const { ours, title } of verdicts)
    if (ours !== null)
      expect(
        names.some((name) => ours.includes(name)),
        title,
      ).toBe(true);
});

/** What Java's own methods throw, and sentences that have the name of the config or the value twice. */
const JAVA =
  /^(Class .* cannot be found|\/ by zero|Unknown compression type id|Error parsing configuration property|Invalid value .* for configuration share.auto.offset.reset: Invalid value)/;
