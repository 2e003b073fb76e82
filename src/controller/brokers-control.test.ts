import { expect, test } from 'vitest';
import type { Clock } from '../base/clock.ts';
import { fenceBroker, heartbeat, registerBroker, unregisterBroker } from './brokers-control.ts';
import { balanceLeaders, electLeaders } from './elections-control.ts';
import { Heartbeats } from './heartbeats.ts';
import { directoryOf, incarnationOf, TestCluster } from './testing/cluster.ts';

const CLUSTER = '4L6g3nShT-eMCtK--X86sw';

/** Time that moves only when it is told to. */
function stillClock(): Clock & { now: () => number; advance(ms: number): void } {
  let at = 0;
  const never = () => {
    throw new Error('heartbeats wait for nothing themselves');
  };
  return {
    now: () => at,
    monotonic: () => at,
    after: never,
    soon: never,
    advance: (ms) => {
      at += ms;
    },
  };
}

function controllerOf(cluster: TestCluster) {
  const clock = stillClock();
  const heartbeats = new Heartbeats(clock, 9000);
  const register = (brokerId: number, life = 1, more: { clusterId?: string; minLevel?: number } = {}) => {
    const decision = registerBroker(
      cluster,
      {
        brokerId,
        clusterId: more.clusterId ?? CLUSTER,
        incarnationId: incarnationOf(brokerId, life),
        listeners: [{ name: 'CLIENT', host: 'here', port: 9092, securityProtocol: 0 }],
        features: [
          { name: 'metadata.version', minSupportedVersion: more.minLevel ?? 7, maxSupportedVersion: 30 },
        ],
        rack: null,
        isMigratingZkBroker: false,
        logDirs: [directoryOf(brokerId)],
        previousBrokerEpoch: -1,
      },
      { clusterId: CLUSTER, nextOffset: cluster.nextOffset, heartbeats },
    );
    if ('epoch' in decision.answer)
      heartbeats.heard(brokerId, {
        epoch: decision.answer.epoch,
        metadataOffset: -1,
        connectionId: `c${brokerId}`,
      });
    return cluster.decided(decision);
  };
  const beat = (
    brokerId: number,
    more: {
      offset?: number;
      wantShutDown?: boolean;
      wantFence?: boolean;
      epoch?: number;
      offline?: string[];
    } = {},
  ) => {
    const brokerEpoch = more.epoch ?? cluster.epochOf(brokerId);
    const metadataOffset = more.offset ?? cluster.nextOffset - 1;
    const decision = heartbeat(
      cluster,
      {
        brokerId,
        brokerEpoch,
        currentMetadataOffset: metadataOffset,
        wantFence: more.wantFence ?? false,
        wantShutDown: more.wantShutDown ?? false,
        offlineLogDirs: more.offline ?? [],
        cordonedLogDirs: null,
      },
      heartbeats,
    );
    if ('beganShutdown' in decision.answer) {
      heartbeats.heard(brokerId, { epoch: brokerEpoch, metadataOffset, connectionId: `c${brokerId}` });
      if (decision.answer.beganShutdown)
        heartbeats.beganShutdown(brokerId, cluster.nextOffset + decision.records.length - 1);
    }
    return cluster.decided(decision);
  };
  return { cluster, clock, heartbeats, register, beat };
}

test('a broker begins its life fenced, at the offset of its registration, and is unfenced when it has read that far', () => {
  const { cluster, register, beat } = controllerOf(new TestCluster());
  cluster.replay([{ type: 'NoOpRecord' }]);
  expect(register(1)).toEqual({ epoch: 1 });
  expect(cluster.image.brokers.byId(1)?.fenced).toBe(true);
  expect(beat(1, { offset: 0 })).toMatchObject({ isFenced: true, isCaughtUp: false });
  expect(beat(1, { offset: 1 })).toMatchObject({ isFenced: false, isCaughtUp: true });
  expect(cluster.image.brokers.alive().map(({ id }) => id)).toEqual([1]);
});

test('a registration of another cluster, or without the finalised features, is refused', () => {
  const { cluster, register } = controllerOf(new TestCluster());
  cluster.replay([{ type: 'FeatureLevelRecord', name: 'metadata.version', featureLevel: 20 }]);
  expect(register(1, 1, { clusterId: 'AnotherClusterAtAllAAA' })).toMatchObject({
    error: 'INCONSISTENT_CLUSTER_ID',
  });
  expect(register(1, 1, { minLevel: 25 })).toMatchObject({ error: 'UNSUPPORTED_VERSION' });
  expect(register(1)).toEqual({ epoch: 1 });
});

test('a second process of a broker id is refused while the first is connected and heard of', () => {
  const { clock, heartbeats, register } = controllerOf(new TestCluster());
  register(1);
  expect(register(1, 2)).toMatchObject({ error: 'DUPLICATE_BROKER_REGISTRATION' });
  clock.advance(9001);
  expect(register(1, 2)).toMatchObject({ epoch: 1 });
  heartbeats.connectionClosed(1);
  expect(register(1, 3)).toMatchObject({ epoch: 2 });
});

test('a broker that registers again in the same life keeps its epoch', () => {
  const { cluster, register, beat } = controllerOf(new TestCluster());
  register(1);
  beat(1);
  const before = cluster.image.brokers.byId(1);
  expect(register(1)).toEqual({ epoch: before?.epoch });
  expect(cluster.image.brokers.byId(1)).toMatchObject({ fenced: false });
});

test('heartbeats of a former life are stale', () => {
  const { clock, register, beat } = controllerOf(new TestCluster());
  register(1);
  clock.advance(9001);
  register(1, 2);
  expect(beat(1, { epoch: 0 })).toEqual({ error: 'STALE_BROKER_EPOCH' });
});

test('a new life takes over nothing: its partitions are led by others until it has caught up', () => {
  const { cluster, clock, register, beat } = controllerOf(TestCluster.of(2).topic('orders', [1, 2]));
  clock.advance(9001);
  register(1, 2);
  expect(cluster.partition('orders')).toMatchObject({ leader: 2, isr: [2] });
  beat(1);
  expect(cluster.partition('orders')).toMatchObject({ leader: 2, isr: [2] });
});

test('a broker that comes back leads what nobody could lead without it', () => {
  const { cluster, register, beat } = controllerOf(TestCluster.of(1).topic('orders', [1]));
  register(1, 2);
  expect(cluster.partition('orders')).toMatchObject({ leader: -1, isr: [1] });
  beat(1);
  expect(cluster.partition('orders')).toMatchObject({ leader: 1, isr: [1] });
});

test('a controlled shutdown hands leadership over first, and ends when all others have seen that', () => {
  const { cluster, beat } = controllerOf(TestCluster.of(2).topic('orders', [1, 2]));
  beat(2);
  expect(beat(1, { wantShutDown: true })).toMatchObject({ shouldShutDown: false });
  expect(cluster.partition('orders')).toMatchObject({ leader: 2, isr: [2] });
  expect(cluster.image.brokers.byId(1)).toMatchObject({ fenced: false, inControlledShutdown: true });
  expect(beat(1, { wantShutDown: true })).toMatchObject({ shouldShutDown: false });
  beat(2);
  expect(beat(1, { wantShutDown: true })).toMatchObject({ shouldShutDown: true, isFenced: true });
  expect(cluster.image.brokers.byId(1)?.fenced).toBe(true);
});

test('who shuts down is elected by nothing any more, neither on demand, by balance, nor when another dies', () => {
  const { cluster, beat } = controllerOf(TestCluster.of(3).topic('orders', [1, 2, 3]));
  beat(2);
  beat(1, { wantShutDown: true });
  expect(cluster.partition('orders')).toMatchObject({ leader: 2, isr: [2, 3] });
  expect(cluster.decided(balanceLeaders(cluster))).toBe(0);
  cluster.decided(electLeaders(cluster, 'preferred', null));
  expect(cluster.partition('orders').leader).toBe(2);
  cluster.decided(fenceBroker(cluster, cluster.lifeOf(2)));
  cluster.decided(fenceBroker(cluster, cluster.lifeOf(3)));
  cluster.decided(electLeaders(cluster, 'unclean', null));
  expect(cluster.partition('orders')).toMatchObject({ leader: -1, isr: [3] });
});

test('the only broker may shut down, and its partitions wait for it', () => {
  const { cluster, beat } = controllerOf(TestCluster.of(1).topic('orders', [1]));
  expect(beat(1, { wantShutDown: true })).toMatchObject({ shouldShutDown: false });
  expect(beat(1, { wantShutDown: true })).toMatchObject({ shouldShutDown: true });
  expect(cluster.partition('orders')).toMatchObject({ leader: -1, isr: [1] });
});

test('a folder that failed takes its replicas out of leadership and ISR, and only them', () => {
  const { cluster, beat } = controllerOf(
    TestCluster.of(2).topic('orders', [1, 2], [2, 1]).topic('other', [1, 2]),
  );
  const second = directoryOf(100);
  cluster.replay([
    {
      type: 'BrokerRegistrationChangeRecord',
      brokerId: 1,
      brokerEpoch: cluster.epochOf(1),
      logDirs: [directoryOf(1), second],
    },
    {
      type: 'PartitionChangeRecord',
      topicId: cluster.image.topics.byName('other')?.id ?? '',
      partitionId: 0,
      directories: [second, directoryOf(2)],
    },
  ]);
  beat(1, { offline: [directoryOf(1)] });
  expect(cluster.partition('orders', 0)).toMatchObject({ leader: 2, isr: [2] });
  expect(cluster.partition('orders', 1)).toMatchObject({ leader: 2, isr: [2] });
  expect(cluster.partition('other')).toMatchObject({ leader: 1, isr: [1, 2] });
  expect(cluster.image.brokers.byId(1)).toMatchObject({ fenced: false, logDirs: [second] });
});

test('a broker without a folder left is fenced until it has one again', () => {
  const { cluster, beat } = controllerOf(TestCluster.of(2).topic('orders', [1, 2]));
  expect(beat(1, { offline: [directoryOf(1)] })).toMatchObject({ isFenced: true });
  expect(cluster.partition('orders')).toMatchObject({ leader: 2, isr: [2] });
  expect(beat(1)).toMatchObject({ isFenced: false });
});

test('an unregistered broker is forgotten', () => {
  const { cluster } = controllerOf(TestCluster.of(2).topic('orders', [1, 2]));
  expect(cluster.decided(unregisterBroker(cluster, 1))).toBeNull();
  expect(cluster.image.brokers.byId(1)).toBeUndefined();
  expect(cluster.partition('orders')).toMatchObject({ leader: 2, isr: [2] });
  expect(cluster.decided(unregisterBroker(cluster, 1))).toMatchObject({ error: 'BROKER_ID_NOT_REGISTERED' });
});
