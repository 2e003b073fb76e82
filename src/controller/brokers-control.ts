import type { BrokerId } from '../base/brand.ts';
import type { BrokerImage } from '../metadata/brokers.ts';
import type { ClusterImage } from '../metadata/image.ts';
import type { EncodableMetadataRecord } from '../metadata/records.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { BrokerRegistrationRequest } from '../protocol/messages/62-broker-registration.ts';
import type { BrokerHeartbeatRequest } from '../protocol/messages/63-broker-heartbeat.ts';
import { checkBrokerEpoch } from './broker-epoch.ts';
import { answer, type ControllerDecision } from './decision.ts';
import type { DecisionState } from './decision-state.ts';
import { keepsEligibleLeaders } from './eligible-leaders.ts';
import { checkFeatures } from './features-control.ts';
import type { BrokerLife, Heartbeats } from './heartbeats.ts';
import { isActive, leaderAndIsrChanges, leadsAny } from './partitions-control.ts';

/**
 * A broker's life begins with its registration: fenced, under an epoch that is the offset of its record. A
 * second process of the same id is refused while the first may be alive.
 */
export function registerBroker(
  state: DecisionState,
  request: BrokerRegistrationRequest,
  context: { readonly clusterId: string; readonly nextOffset: number; readonly heartbeats: Heartbeats },
): ControllerDecision<{ readonly epoch: number } | { readonly error: ErrorName; readonly message: string }> {
  const { image } = state;
  const refused = (error: ErrorName, message: string) => answer({ error, message });
  if (request.clusterId !== context.clusterId)
    return refused(
      'INCONSISTENT_CLUSTER_ID',
      `Expected cluster ID ${context.clusterId}, but got cluster ID ${request.clusterId}`,
    );
  if (request.isMigratingZkBroker)
    return refused('INVALID_REGISTRATION', 'Brokers that use ZooKeeper are not supported.');
  if (request.listeners.length === 0) return refused('INVALID_REGISTRATION', 'A broker needs a listener.');
  if (new Set(request.logDirs).size !== request.logDirs.length)
    return refused('INVALID_REGISTRATION', 'Duplicate directory ID in request');
  const unsupported = checkFeatures(image, request.features);
  if (unsupported) return refused('UNSUPPORTED_VERSION', unsupported);

  const known = image.brokers.byId(request.brokerId);
  const isSameLife = known?.incarnationId === request.incarnationId;
  if (known && !isSameLife && context.heartbeats.hasSession(known.id, known.epoch))
    return refused(
      'DUPLICATE_BROKER_REGISTRATION',
      "Another broker is registered with that broker id. If the broker was recently restarted this should self-resolve once the heartbeat manager expires the broker's session.",
    );

  // The former life led and replicated what the new one has yet to find on its disk.
  const changes = isSameLife ? [] : changesOfNewLife(state, request, known);
  const epoch = known && isSameLife ? known.epoch : context.nextOffset;
  return {
    records: [
      {
        type: 'RegisterBrokerRecord',
        brokerId: request.brokerId,
        incarnationId: request.incarnationId,
        brokerEpoch: epoch,
        endPoints: request.listeners.map(({ name, host, port, securityProtocol }) => ({
          name,
          host,
          port,
          securityProtocol,
        })),
        features: request.features.map(({ name, minSupportedVersion, maxSupportedVersion }) => ({
          name,
          minSupportedVersion,
          maxSupportedVersion,
        })),
        rack: request.rack,
        fenced: known && isSameLife ? known.fenced : true,
        inControlledShutdown: known && isSameLife ? known.inControlledShutdown : false,
        logDirs: request.logDirs,
      },
      ...changes,
    ],
    answer: { epoch },
  };
}

/**
 * A broker that names the epoch of its former life has stopped in order, and has all it had; of any other it
 * is not known, and nothing may be elected on it (KIP-966).
 */
function changesOfNewLife(
  state: DecisionState,
  { brokerId, previousBrokerEpoch }: BrokerRegistrationRequest,
  known: BrokerImage | undefined,
): EncodableMetadataRecord[] {
  const isUnclean = keepsEligibleLeaders(state.image) && known?.epoch !== previousBrokerEpoch;
  if (!known && !isUnclean) return [];
  return leaderAndIsrChanges(state, { removed: brokerId, isUnclean });
}

export interface HeartbeatAnswer {
  readonly isCaughtUp: boolean;
  readonly isFenced: boolean;
  readonly shouldShutDown: boolean;
  /** This heartbeat began its controlled shutdown. */
  readonly beganShutdown: boolean;
}

type BrokerState = 'fenced' | 'unfenced' | 'controlledShutdown' | 'shutdownNow';

/**
 * What a heartbeat changes: a fenced broker that has read the log up to its own registration is unfenced; one
 * that wants to stop first hands over what it leads, and may stop when every other broker has seen that.
 */
export function heartbeat(
  state: DecisionState,
  request: BrokerHeartbeatRequest,
  heartbeats: Heartbeats,
): ControllerDecision<HeartbeatAnswer | { readonly error: ErrorName }> {
  const { image } = state;
  const error = checkBrokerEpoch(image, request.brokerId, request.brokerEpoch);
  const broker = image.brokers.byId(request.brokerId);
  if (error || !broker) return answer({ error: error ?? 'BROKER_ID_NOT_REGISTERED' });
  const before = currentState(broker);
  const next = nextState(image, broker, before, request, heartbeats);
  const records: EncodableMetadataRecord[] = before === next ? [] : transition(state, broker, next);
  records.push(...offlineDirectories(state, broker, request.offlineLogDirs));
  return {
    records,
    answer: {
      isCaughtUp: request.currentMetadataOffset >= broker.epoch,
      isFenced: next === 'fenced' || next === 'shutdownNow',
      shouldShutDown: next === 'shutdownNow',
      beganShutdown: before !== next && next === 'controlledShutdown',
    },
  };
}

function currentState(broker: BrokerImage): BrokerState {
  if (broker.fenced) return 'fenced';
  return broker.inControlledShutdown ? 'controlledShutdown' : 'unfenced';
}

function nextState(
  image: ClusterImage,
  broker: BrokerImage,
  current: BrokerState,
  request: BrokerHeartbeatRequest,
  heartbeats: Heartbeats,
): BrokerState {
  const { logDirs } = broker;
  // Without a folder left it can serve nothing; when it has one again it says so.
  const isDead = logDirs.length > 0 && logDirs.every((id) => request.offlineLogDirs.includes(id));
  const wantFence = request.wantFence || isDead;
  switch (current) {
    case 'fenced':
      if (request.wantShutDown) return 'shutdownNow';
      if (wantFence) return 'fenced';
      return request.currentMetadataOffset >= broker.epoch ? 'unfenced' : 'fenced';
    case 'unfenced':
      if (wantFence) return request.wantShutDown ? 'shutdownNow' : 'fenced';
      if (!request.wantShutDown) return 'unfenced';
      return leadsAny(image, broker.id) ? 'controlledShutdown' : 'shutdownNow';
    case 'controlledShutdown': {
      if (leadsAny(image, broker.id)) return 'controlledShutdown';
      const others = image.brokers.all().filter((other) => other.id !== broker.id && isActive(other));
      const seen = heartbeats.lowestOffset(others.map(({ id }) => id));
      return seen >= (heartbeats.shutdownOffset(broker.id) ?? 0) ? 'shutdownNow' : 'controlledShutdown';
    }
    case 'shutdownNow':
      return 'shutdownNow';
  }
}

function transition(state: DecisionState, broker: BrokerImage, next: BrokerState): EncodableMetadataRecord[] {
  switch (next) {
    case 'fenced':
    case 'shutdownNow':
      return broker.fenced ? [] : fencing(state, broker);
    case 'unfenced':
      return [
        {
          type: 'BrokerRegistrationChangeRecord',
          brokerId: broker.id,
          brokerEpoch: broker.epoch,
          fenced: -1,
        },
        ...leaderAndIsrChanges(state, { added: broker.id }),
      ];
    case 'controlledShutdown':
      return [
        {
          type: 'BrokerRegistrationChangeRecord',
          brokerId: broker.id,
          brokerEpoch: broker.epoch,
          inControlledShutdown: 1,
        },
        ...leaderAndIsrChanges(state, { removed: broker.id }),
      ];
  }
}

function fencing(state: DecisionState, broker: BrokerImage): EncodableMetadataRecord[] {
  return [
    ...leaderAndIsrChanges(state, { removed: broker.id }),
    { type: 'BrokerRegistrationChangeRecord', brokerId: broker.id, brokerEpoch: broker.epoch, fenced: 1 },
  ];
}

/** A folder that failed: its replicas cannot lead or be in sync, the others can. */
function offlineDirectories(
  state: DecisionState,
  broker: BrokerImage,
  offline: readonly string[],
): EncodableMetadataRecord[] {
  const failed = broker.logDirs.filter((id) => offline.includes(id));
  // A broker whose folders all failed is fenced instead; the record could not say that it has none.
  if (failed.length === 0 || failed.length === broker.logDirs.length) return [];
  return [
    ...leaderAndIsrChanges(state, { removed: broker.id, directories: failed }),
    {
      type: 'BrokerRegistrationChangeRecord',
      brokerId: broker.id,
      brokerEpoch: broker.epoch,
      logDirs: broker.logDirs.filter((id) => !failed.includes(id)),
    },
  ];
}

/**
 * A broker that is silent is fenced: it leads nothing, is in no ISR, and no client is told of it. Another
 * life than the one that was judged is left alone.
 */
export function fenceBroker(
  state: DecisionState,
  { id, epoch }: BrokerLife,
): ControllerDecision<{ readonly fenced: boolean }> {
  const broker = state.image.brokers.byId(id);
  if (!broker || broker.fenced || broker.epoch !== epoch) return answer({ fenced: false });
  return { records: fencing(state, broker), answer: { fenced: true } };
}

/** Forgets a broker that will not come back; its replicas stay assigned until they are moved. */
export function unregisterBroker(
  state: DecisionState,
  id: BrokerId,
): ControllerDecision<{ readonly error: ErrorName; readonly message: string } | null> {
  const broker = state.image.brokers.byId(id);
  if (!broker)
    return answer({
      error: 'BROKER_ID_NOT_REGISTERED',
      message: `Broker ID ${id} is not currently registered`,
    });
  return {
    records: [
      // Should it return after all, nothing is known of what it has.
      ...leaderAndIsrChanges(state, { removed: id, isUnclean: keepsEligibleLeaders(state.image) }),
      { type: 'UnregisterBrokerRecord', brokerId: id, brokerEpoch: broker.epoch },
    ],
    answer: null,
  };
}
