import { expect, test } from 'vitest';
import { Simulation } from '../../../sim/simulation.ts';
import type { World } from '../../base/world.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import { endTransactionBatch } from '../../protocol/records/control.ts';
import { Partition } from '../../replication/partition.ts';
import { PartitionWatchers } from '../../replication/partition-watchers.ts';
import { inSyncPartition } from '../../replication/testing/in-sync-partition.ts';
import { quietHost } from '../../replication/testing/quiet-host.ts';
import { batchOf, openLog, put } from '../../storage/testing/log-bench.ts';
import { BrokerSettings } from '../configs/broker-settings.ts';
import { ClientQuotas } from '../quotas/client-quotas.ts';
import { brokerRecords, imageOf, ORDERS, topicRecords } from '../testing/three-brokers.ts';
import type { AcquiredRecords } from './acquisition.ts';
import { ShareFetching } from './share-fetching.ts';
import { SharePartitions } from './share-partitions.ts';
import type { SharedRead } from './share-read.ts';
import type { ShareSession } from './share-sessions.ts';

const LEADING = inSyncPartition([1], { leaderEpoch: 4, partitionEpoch: 7 });
const WAIT_MS = 60_000;

/** A partition that is led here, and a share group that reads its committed records from the first on. */
class Leader {
  readonly replica: Partition;
  /** Whether members may read the topic. */
  mayRead = true;
  readonly sharePartitions: SharePartitions;
  readonly #world: World;
  readonly #image: ClusterImage = imageOf(
    ...brokerRecords,
    ...topicRecords('orders', ORDERS, [{ replicas: [1], leader: 1 }]),
  );

  constructor(world: World) {
    this.#world = world;
    this.replica = new Partition(world, {
      topic: 'orders',
      topicId: ORDERS,
      index: 0,
      log: openLog(world),
      host: quietHost,
    });
    this.replica.makeLeader(LEADING);
    this.sharePartitions = new SharePartitions(world, {
      brokerId: 1,
      store: {
        read: async () => ({ stateEpoch: 1, startOffset: 0, stateBatches: [] }),
        write: async () => null,
      },
      config: () => ({
        autoOffsetReset: 'earliest',
        isReadCommitted: true,
        lockDurationMs: 30_000,
        deliveryCountLimit: 5,
        recordLocks: 2000,
        mayRenew: true,
      }),
    });
  }

  /** Three records of a transaction that is aborted, at offsets 0 to 2, and its marker. */
  abort(): void {
    const { log } = this.replica;
    const producer = { producerId: 1, producerEpoch: 0 };
    const batch = batchOf(['a', 'b', 'c'], { ...producer, baseSequence: 0, isTransactional: true });
    log.append(batch, { origin: 'client', leaderEpoch: 4 });
    const end = endTransactionBatch({ ...producer, outcome: 'ABORT', coordinatorEpoch: 0, timestamp: 1 });
    log.append(end, { origin: 'coordinator', leaderEpoch: 4 });
    log.writeNow();
    log.updateHighWatermark(log.endOffset);
  }

  put(value: string): void {
    put(this.replica.log, value);
    this.replica.log.updateHighWatermark(this.replica.log.endOffset);
  }

  /** At most one record. */
  async fetch(session: ShareSession): Promise<readonly AcquiredRecords[]> {
    return (await this.answer(session, 0)).flatMap(({ acquired }) => acquired);
  }

  answer(session: ShareSession, shareSessionEpoch: number): Promise<SharedRead[]> {
    const image = () => this.#image;
    const settings = new BrokerSettings({ brokerId: 1, image, properties: {} });
    const fetching = new ShareFetching(
      {
        world: this.#world,
        image,
        settings,
        quotas: new ClientQuotas(this.#world.clock, { image, settings }),
        sharePartitions: this.sharePartitions,
        replicas: { lookup: () => this.replica, watchers: new PartitionWatchers() },
      },
      {
        groupId: 'queue',
        memberId: session.memberId,
        shareSessionEpoch,
        maxWaitMs: WAIT_MS,
        minBytes: 1,
        maxBytes: 1_000_000,
        maxRecords: 1,
        batchSize: 1,
        shareAcquireMode: 1,
        isRenewAck: false,
        topics: [],
        forgottenTopicsData: [],
      },
      {
        apiKey: 78,
        apiVersion: 2,
        correlationId: 1,
        clientId: 'test',
        principal: 'User:ANONYMOUS',
        clientHost: '127.0.0.1',
        isPeer: false,
        listener: 'client',
        listenerName: 'CLIENT',
        connectionId: '1',
        connectionNumber: 1,
        authorize: () => this.mayRead,
        allows: () => this.mayRead,
        authorizeSome: () => true,
        iam: null,
        sasl: null,
        afterWrite: () => undefined,
        requestBytes: 100,
        waitMsMax: Number.POSITIVE_INFINITY,
        mute: () => undefined,
        output: { grant: (bytes) => bytes, holds: () => {}, whenRoom: () => () => {} },
      },
      session,
    );
    return fetching.answer();
  }
}

function sessionOf(memberId: string): ShareSession {
  const partitions = new Map([['orders', { topicId: ORDERS, partition: 0 }]]);
  return { groupId: 'queue', memberId, connectionId: '1', epoch: 1, isOver: false, partitions };
}

async function withLeader(run: (leader: Leader, world: World) => Promise<void>): Promise<void> {
  const simulation = new Simulation(1);
  const { world } = simulation.host('broker-1');
  await simulation.run(async () => run(new Leader(world), world));
}

test('a member does not wait where only an aborted transaction lies before its record', () =>
  withLeader(async (leader, { clock }) => {
    leader.abort();
    leader.put('x');
    const before = clock.monotonic();
    // The marker is for the client to pass.
    expect(await leader.fetch(sessionOf('a'))).toMatchObject([{ firstOffset: 3, lastOffset: 3 }]);
    expect(await leader.fetch(sessionOf('a'))).toMatchObject([{ firstOffset: 4, lastOffset: 4 }]);
    expect(clock.monotonic() - before).toBeLessThan(WAIT_MS);
  }));

// ShareFetchAcknowledgeRequestTest of Apache Kafka waits for this.
test('the first answer of a session tells that there is nothing, later ones do not', () =>
  withLeader(async (leader) => {
    expect(await leader.answer(sessionOf('a'), 0)).toMatchObject([
      { topicId: ORDERS, partition: 0, error: null, acquired: [] },
    ]);
    expect(await leader.answer(sessionOf('a'), 1)).toEqual([]);
  }));

test('a request of a session that is over acquires nothing', () =>
  withLeader(async (leader) => {
    const old = sessionOf('a');
    const waiting = leader.fetch(old);
    old.isOver = true;
    leader.put('x');
    leader.put('y');
    expect(await leader.fetch(sessionOf('a'))).toMatchObject([{ firstOffset: 0, deliveryCount: 1 }]);
    expect(await waiting).toEqual([]);
  }));

// Apache Kafka asks for the right once, before it waits.
test('a member whose right is taken away while it waits is told so when a record comes, and does not get it', () =>
  withLeader(async (leader) => {
    const waiting = leader.answer(sessionOf('a'), 1);
    leader.mayRead = false;
    leader.put('x');
    expect(await waiting).toMatchObject([{ error: 'TOPIC_AUTHORIZATION_FAILED', acquired: [] }]);
    leader.mayRead = true;
    expect(await leader.fetch(sessionOf('b'))).toMatchObject([{ firstOffset: 0, deliveryCount: 1 }]);
  }));

test('after the broker stopped, nothing is acquired', () =>
  withLeader(async (leader) => {
    leader.put('x');
    leader.sharePartitions.stop();
    expect(await leader.fetch(sessionOf('a'))).toEqual([]);
    expect(leader.sharePartitions.size).toBe(0);
  }));
