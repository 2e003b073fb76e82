import { expect, test } from 'vitest';
import { imageOf } from '../metadata/delta.ts';
import { type ClusterImage, emptyImage } from '../metadata/image.ts';
import { completeMetadataRecord } from '../metadata/records.ts';
import type { ControllerDecision } from './decision.ts';
import { alterClientQuotas } from './quotas-control.ts';

const alice = [{ entityType: 'user', entityName: 'alice' }];
const home = [{ entityType: 'ip', entityName: '10.0.0.1' }];

function set(
  key: string,
  value: number,
  entity: { entityType: string; entityName: string | null }[] = alice,
) {
  return { entity, ops: [{ key, value, remove: false }] };
}

function after({ records }: ControllerDecision<unknown>): ClusterImage {
  const whole = records.map(completeMetadataRecord);
  return imageOf(whole, { offset: whole.length, epoch: 1, timestamp: 0 });
}

test('a quota is set, changed, and taken away; what changes nothing makes no record', () => {
  const first = alterClientQuotas(emptyImage, [set('producer_byte_rate', 1000)]);
  expect(first.answer).toEqual([null]);
  const image = after(first);
  expect(image.quotas.get(alice)?.values.get('producer_byte_rate')).toBe(1000);
  expect(alterClientQuotas(image, [set('producer_byte_rate', 1000)]).records).toEqual([]);
  const removal = { entity: alice, ops: [{ key: 'producer_byte_rate', value: 0, remove: true }] };
  expect(alterClientQuotas(image, [removal]).records).toMatchObject([{ remove: true }]);
  expect(alterClientQuotas(emptyImage, [removal])).toEqual({ records: [], answer: [null] });
});

test.each([
  [set('producer_byte_rat', 1), 'Invalid configuration key producer_byte_rat'],
  [set('toString', 1), 'Invalid configuration key toString'],
  [set('connection_creation_rate', 1), 'Invalid configuration key connection_creation_rate'],
  [set('producer_byte_rate', 1, home), 'Invalid configuration key producer_byte_rate'],
  [set('producer_byte_rate', 0), 'Quota producer_byte_rate must be greater than 0'],
  [set('producer_byte_rate', Number.NaN), 'Quota producer_byte_rate must be greater than 0'],
  [set('producer_byte_rate', 1.5), 'producer_byte_rate cannot be a fractional value.'],
  [set('producer_byte_rate', 1e20), 'Proposed value for producer_byte_rate is too large for a LONG.'],
  [
    set('connection_creation_rate', 3e9, home),
    'Proposed value for connection_creation_rate is too large for a INT.',
  ],
  [set('producer_byte_rate', 1, []), 'Invalid empty client quota entity'],
  [set('producer_byte_rate', 1, [{ entityType: 'user', entityName: '' }]), 'Empty user not supported'],
  [
    set('producer_byte_rate', 1, [{ entityType: 'group', entityName: 'g' }]),
    'Unhandled client quota entity type: group',
  ],
  [
    set('producer_byte_rate', 1, [...alice, ...home]),
    'Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId',
  ],
  [
    set('connection_creation_rate', 1, [{ entityType: 'ip', entityName: '1.2.3' }]),
    '1.2.3 is not a valid IP or resolvable host.',
  ],
])('%j is refused', (entry, message) => {
  expect(alterClientQuotas(emptyImage, [entry])).toEqual({
    records: [],
    answer: [{ error: 'INVALID_REQUEST', message }],
  });
});

test('an entity is changed whole or not at all, and once in a request', () => {
  const entry = {
    entity: alice,
    ops: [...set('producer_byte_rate', 1).ops, ...set('consumer_byte_rate', -1).ops],
  };
  expect(alterClientQuotas(emptyImage, [entry]).records).toEqual([]);
  const { records, answer } = alterClientQuotas(emptyImage, [
    set('producer_byte_rate', 1),
    set('producer_byte_rate', 2),
  ]);
  expect(records).toHaveLength(1);
  expect(answer[1]?.message).toBe('Ignoring duplicate entity ClientQuotaEntity(entries={user=alice})');
});
