import { expect, test } from 'vitest';
import { emptyImage } from '../../metadata/image.ts';
import { CONSUMER_OFFSETS } from '../../metadata/internal-topics.ts';
import { coordinatorClientId } from '../peers/coordinator-client-id.ts';
import { imageOf, ORDERS, topicRecords } from '../testing/three-brokers.ts';
import { StateSenders } from './state-senders.ts';

const GROUP = 'queue';

const coordinatedBy = (leader: number) =>
  imageOf(...topicRecords(CONSUMER_OFFSETS, ORDERS, [{ replicas: [1, 2, 3], leader }]));

const from = (brokerId: number, connectionNumber = 1) => ({
  clientId: coordinatorClientId(brokerId),
  connectionNumber,
});

test('only the broker that coordinates a group is heard about it', () => {
  let image = coordinatedBy(1);
  const senders = new StateSenders(() => image);
  expect([1, 2].map((id) => senders.isOfOther(GROUP, from(id)))).toEqual([false, true]);
  image = coordinatedBy(2);
  expect([1, 2].map((id) => senders.isOfOther(GROUP, from(id)))).toEqual([true, false]);
});

test('nobody is heard while the group has no coordinator that is known', () => {
  const senders = new StateSenders(() => emptyImage);
  expect(senders.isOfOther(GROUP, from(1))).toBe(true);
});

test('what comes over a connection that its broker has given up for another is late', () => {
  const senders = new StateSenders(() => emptyImage);
  const late = [from(1, 5), from(2, 6), from(1, 7), from(1, 5), from(2, 6)].map((one) => senders.isLate(one));
  expect(late).toEqual([false, false, false, true, false]);
});

test('a sender of another kind is judged by its rights alone', () => {
  const senders = new StateSenders(() => emptyImage);
  for (const clientId of [null, 'broker-1', 'broker--1-transactions', 'adminclient-1']) {
    expect(senders.isOfOther(GROUP, { clientId })).toBe(false);
    expect(senders.isLate({ clientId, connectionNumber: 5 })).toBe(false);
    expect(senders.isLate({ clientId, connectionNumber: 4 })).toBe(false);
  }
});
