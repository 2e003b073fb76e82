import { expect, test } from 'vitest';
import { ManualClock } from '../../test/coordinator/manual-clock.ts';
import { imageOf } from '../metadata/delta.ts';
import { completeMetadataRecord } from '../metadata/records.ts';
import { MutationQuotas } from './mutation-quotas.ts';

const client = { principal: 'User:alice', clientId: 'app', isPeer: false, apiVersion: 7 };
const STRICT_SINCE = 6;

function quotas() {
  const clock = new ManualClock();
  const record = completeMetadataRecord({
    type: 'ClientQuotaRecord',
    entity: [{ entityType: 'user', entityName: 'alice' }],
    key: 'controller_mutation_rate',
    value: 2,
    remove: false,
  });
  const image = imageOf([record], { offset: 1, epoch: 1, timestamp: 0 });
  return { clock, quotas: new MutationQuotas(clock, { image: () => image, burstSeconds: () => 10 }) };
}

test('ten seconds’ worth may be made at once and be exceeded once; then requests are refused until it is paid back', async () => {
  const { clock, quotas: all } = quotas();
  const first = all.of(client, STRICT_SINCE);
  expect([first.admits(15), first.admits(15), first.admits(1)]).toEqual([true, true, false]);
  // Ten too many, at two a second.
  expect(first.throttleTimeMs).toBe(5000);
  await clock.advance(4000);
  expect(all.of(client, STRICT_SINCE).admits(1)).toBe(false);
  await clock.advance(1001);
  expect(all.of(client, STRICT_SINCE).admits(1)).toBe(true);
});

test('older clients know no error for it, and are told to wait', () => {
  const older = quotas().quotas.of({ ...client, apiVersion: 5 }, STRICT_SINCE);
  expect([older.admits(30), older.admits(1)]).toEqual([true, true]);
  expect(older.throttleTimeMs).toBe(5500);
});

test('others and brokers have no bound', () => {
  const { quotas: all } = quotas();
  expect(all.of({ ...client, principal: 'User:bob' }, STRICT_SINCE).admits(1000)).toBe(true);
  const peer = all.of({ ...client, isPeer: true }, STRICT_SINCE);
  expect([peer.admits(1000), peer.admits(1000)]).toEqual([true, true]);
});
