import { expect, test } from 'vitest';
import { keptHeapBytes } from '../../test/support/kept-heap.ts';
import { imageOf } from './delta.ts';
import { emptyImage } from './image.ts';
import { QuotaLimits } from './quota-limits.ts';
import { completeMetadataRecord } from './records.ts';

/** As Kafka lists them (KIP-55), the strongest first; undefined where the entity does not have the part. */
const order: readonly (readonly [string | null | undefined, string | null | undefined])[] = [
  ['alice', 'app'],
  ['alice', null],
  ['alice', undefined],
  [null, 'app'],
  [null, null],
  [null, undefined],
  [undefined, 'app'],
  [undefined, null],
];

function entityOf([user, clientId]: (typeof order)[number]) {
  return [
    ...(user === undefined ? [] : [{ entityType: 'user', entityName: user }]),
    ...(clientId === undefined ? [] : [{ entityType: 'client-id', entityName: clientId }]),
  ];
}

function limitsOf(entities: readonly (typeof order)[number][]) {
  const records = entities.map((entity) =>
    completeMetadataRecord({
      type: 'ClientQuotaRecord',
      entity: entityOf(entity),
      key: 'producer_byte_rate',
      value: order.indexOf(entity) + 1,
      remove: false,
    }),
  );
  const image = imageOf(records, { offset: records.length, epoch: 1, timestamp: 0 });
  return new QuotaLimits('producer_byte_rate', () => image);
}

test('of several quotas the most precise one is in force', () => {
  for (let strongest = 0; strongest < order.length; strongest++) {
    const limits = limitsOf(order.slice(strongest));
    expect(limits.of({ user: 'alice', clientId: 'app' })?.bound).toBe(strongest + 1);
  }
});

test('all clients of a user share its quota, and all users of a client id that one’s', () => {
  const [, , ofUser, , , ofAnyUser, ofClient] = order;
  if (!ofUser || !ofAnyUser || !ofClient) throw new Error('the table is too short');
  const users = limitsOf([ofUser, ofAnyUser]);
  const owner = (limits: QuotaLimits, user: string, clientId: string) => limits.of({ user, clientId })?.owner;
  expect(owner(users, 'alice', 'app')).toBe(owner(users, 'alice', 'other'));
  expect(owner(users, 'bob', 'app')).toBe(owner(users, 'bob', 'other'));
  expect(owner(users, 'bob', 'app')).not.toBe(owner(users, 'alice', 'app'));
  const clients = limitsOf([ofClient]);
  expect(owner(clients, 'alice', 'app')).toBe(owner(clients, 'bob', 'app'));
  expect(owner(clients, 'alice', 'other')).toBeUndefined();
});

test('quotas of another kind bound nobody', () => {
  const limits = new QuotaLimits('consumer_byte_rate', () => emptyImage);
  expect(limits.exists).toBe(false);
  expect(limits.of({ user: 'alice', clientId: 'app' })).toBeNull();
});

test('client ids do not stay in memory when they are long, and those with one beginning share a quota', () => {
  const limits = limitsOf(order.filter(([user, clientId]) => user === undefined && clientId === null));
  const ask = (index: number) =>
    limits.of({ user: 'alice', clientId: Buffer.from(`${'x'.repeat(32_000)}${index}`).toString() });
  const owners = new Set<string | undefined>();
  const keptBytes = keptHeapBytes(() => {
    for (let index = 0; index < 2000; index++) owners.add(ask(index)?.owner);
  });
  expect(keptBytes).toBeLessThan(16 * 1024 ** 2);
  expect([...owners].map((owner) => (owner ?? '').length < 1000)).toEqual([true]);
});
