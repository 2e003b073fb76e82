import { expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import { errorCode } from '../../protocol/errors.ts';
import { deleteRecords } from '../../protocol/messages/21-delete-records.ts';
import { Partition } from '../../replication/partition.ts';
import { inSyncPartition } from '../../replication/testing/in-sync-partition.ts';
import { quietHost } from '../../replication/testing/quiet-host.ts';
import { openLog, put } from '../../storage/testing/log-bench.ts';
import { ask } from '../testing/three-brokers.ts';
import { deleteRecordsHandler } from './21-delete-records.ts';

const LEADING = inSyncPartition([1, 2, 3]);
const TIMEOUT_MS = 5000;
const TO = 3;

/** Four committed records on brokers 1, which leads, 2 and 3; broker 1 is asked to delete the first three. */
class Deletion {
  readonly simulation = new Simulation(1);
  readonly partition: Partition;
  readonly away = new Set<number>();
  answer: object | null = null;
  /** What the handler wants to run when its client is gone. */
  readonly #releases: (() => void)[] = [];

  constructor(topic = 't') {
    const { world } = this.simulation.host('broker-1');
    const log = openLog(world);
    for (const value of ['a', 'b', 'c', 'd']) put(log, value);
    const host = { ...quietHost, eligibleEpoch: (id: number) => (this.away.has(id) ? null : 1) };
    this.partition = new Partition(world, { topic, topicId: TOPIC, index: 0, log, host });
    this.partition.makeLeader(LEADING);
    for (const id of [2, 3]) this.fetch(id, 0);
    const replicas = { lookup: () => this.partition };
    const request = {
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, offset: TO }] }],
      timeoutMs: TIMEOUT_MS,
    };
    const afterWrite = (release: () => void) => void this.#releases.push(release);
    const options = { version: 2, request, afterWrite };
    const answered = ask(deleteRecords, deleteRecordsHandler, { world, replicas }, options);
    void answered.then(({ topics }) => {
      this.answer = topics[0]?.partitions[0] ?? null;
    });
  }

  fetch(id: number, logStartOffset: number): void {
    this.partition.onFollowerFetch(id, { offset: 4, logStartOffset, brokerEpoch: 1 });
  }

  disconnect(): void {
    for (const release of this.#releases) release();
  }

  async pause(ms: number): Promise<void> {
    await new Promise<void>((done) => this.simulation.schedule(ms, 'a pause', done));
  }
}

const TOPIC = 'AAAAAAAAAAAAAAAAAAAAAQ';
const DELETED = { partitionIndex: 0, lowWatermark: TO, errorCode: 0 };

function deleting(scenario: (deletion: Deletion) => Promise<void>, topic?: string): Promise<void> {
  const deletion = new Deletion(topic);
  return deletion.simulation.run(() => scenario(deletion));
}

test('records are told to be deleted when every follower has deleted them too', () =>
  deleting(async (deletion) => {
    await deletion.pause(100);
    deletion.fetch(2, TO);
    await deletion.pause(100);
    expect(deletion.answer).toBe(null);
    deletion.fetch(3, TO);
    await deletion.pause(0);
    expect(deletion.answer).toEqual(DELETED);
  }));

test('a follower whose broker is away is not waited for', () =>
  deleting(async (deletion) => {
    deletion.fetch(2, TO);
    await deletion.pause(100);
    expect(deletion.answer).toBe(null);
    deletion.away.add(3);
    deletion.partition.onEligibilityChanged();
    await deletion.pause(0);
    expect(deletion.answer).toEqual(DELETED);
  }));

test('after the timeout the answer is that a follower may still have them', () =>
  deleting(async (deletion) => {
    deletion.fetch(2, TO);
    await deletion.pause(TIMEOUT_MS + 1);
    const code = errorCode('REQUEST_TIMED_OUT');
    expect(deletion.answer).toEqual({ partitionIndex: 0, lowWatermark: 0, errorCode: code });
    expect(deletion.partition.deletions.size).toBe(0);
  }));

test('a client that has gone is not waited for: it may have asked for weeks', () =>
  deleting(async (deletion) => {
    await deletion.pause(100);
    expect(deletion.partition.deletions.size).toBe(1);
    deletion.disconnect();
    expect(deletion.partition.deletions.size).toBe(0);
  }));

test('a leader that leads no more cannot say that they are deleted', () =>
  deleting(async (deletion) => {
    await deletion.pause(100);
    deletion.partition.makeFollower({ ...LEADING, leader: 2, leaderEpoch: 6, partitionEpoch: 6 });
    await deletion.pause(0);
    const code = errorCode('NOT_LEADER_OR_FOLLOWER');
    expect(deletion.answer).toEqual({ partitionIndex: 0, lowWatermark: -1, errorCode: code });
  }));

// ReplicaManager.deleteRecordsOnLocalLog: only their coordinators do.
test.each(['__consumer_offsets', '__transaction_state', '__share_group_state'])(
  'nobody deletes records of %s, whatever its cleanup.policy',
  (topic) =>
    deleting(async (deletion) => {
      expect(deletion.partition.log.config.cleanupPolicy).toEqual(['delete']);
      await deletion.pause(0);
      const code = errorCode('INVALID_TOPIC_EXCEPTION');
      expect(deletion.answer).toEqual({ partitionIndex: 0, lowWatermark: -1, errorCode: code });
      expect(deletion.partition.log.logStartOffset).toBe(0);
    }, topic),
);
