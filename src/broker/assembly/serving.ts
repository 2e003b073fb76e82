import { authorizerOf } from '../../controller/authorizer-of.ts';
import { createTopics } from '../../protocol/messages/19-create-topics.ts';
import type { ReplicaManager } from '../../replication/replica-manager.ts';
import type { PrincipalMapping } from '../../security/certificates/principal-mapping.ts';
import { allowAll, BROKER_PRINCIPAL_TYPE } from '../../server/authorizer.ts';
import { AuthorizerByPrincipal } from '../../server/iam/authorizer-by-principal.ts';
import { KafkaServer } from '../../server/kafka-server.ts';
import { AllRequestTimes } from '../../server/request-times.ts';
import { usesIam } from '../broker-options.ts';
import { connectionLimits, fetchSessionSlots, quotaWindows, serverLimits } from '../configs/server-limits.ts';
import type { BrokerContext } from '../context.ts';
import { StreamsTopics } from '../coordinators/streams-topics.ts';
import { FetchSessions } from '../fetch-sessions/fetch-sessions.ts';
import { handlers } from '../handlers.ts';
import { featuresOf } from '../metadata-view/features.ts';
import { ImageWaiters } from '../metadata-view/image-waiters.ts';
import { RecentDeletions } from '../metadata-view/recent-deletions.ts';
import { RecentFencings } from '../metadata-view/recent-fencings.ts';
import type { ControllerChannel } from '../peers/controller-channel.ts';
import { forward } from '../peers/forward.ts';
import { TopicCreation } from '../peers/topic-creation.ts';
import { ClientQuotas } from '../quotas/client-quotas.ts';
import { RequestQuota } from '../quotas/request-quota.ts';
import { Volume } from '../volume/volume.ts';
import type { BrokerCore } from './broker-core.ts';
import type { Coordinators } from './coordinators.ts';
import { IamAccess } from './iam-access.ts';
import { servedListeners } from './served-listeners.ts';
import type { Sharing } from './sharing.ts';

/** What answers clients and other brokers, and what its handlers are given. */
export interface Serving {
  readonly context: BrokerContext;
  readonly server: KafkaServer<BrokerContext>;
  readonly requestTimes: AllRequestTimes;
  /** Null where no listener is for it. */
  readonly iam: IamAccess | null;
}

export function serving(
  core: BrokerCore,
  parts: Omit<Coordinators, 'connections' | 'shareState'> &
    Sharing & {
      readonly replicas: ReplicaManager;
      readonly channel: ControllerChannel;
      readonly mappings: ReadonlyMap<string, PrincipalMapping>;
    },
): Serving {
  const { world, options, image, settings } = core;
  const { replicas, channel, mappings, groups, transactions, transactionPartitions, producerIds } = parts;
  const { shareCoordinator, sharePartitions, shareSessions, stateSenders, endOffsets } = parts;
  const imageWaiters = new ImageWaiters(world, image);
  const iam = options.listeners.some(usesIam) ? new IamAccess(world, options) : null;
  const authorizer = authorizerOf((key) => settings.get(key), image);
  const context: BrokerContext = {
    world,
    brokerId: options.brokerId,
    clusterId: options.clusterId,
    rack: options.rack,
    image,
    settings,
    replicas,
    volume: new Volume(core.world, {
      brokerId: core.brokerId,
      folder: core.options.dataDirectory,
      usedBytes: () => replicas.logs.sizeInBytes,
      makeRoom: () => replicas.logs.retain(),
    }),
    groups,
    transactions,
    transactionPartitions,
    shareCoordinator,
    sharePartitions,
    shareSessions,
    stateSenders,
    endOffsets,
    controller: channel,
    topicCreation: topicCreation(core, imageWaiters, () => context),
    streamsTopics: new StreamsTopics(world, async (request, client) => {
      const { correlationId, clientId, principal, iam: identity, clientHost, isPeer } = client;
      const apiVersion = createTopics.versions[1];
      const info = { apiVersion, correlationId, clientId, principal, iam: identity, clientHost, isPeer };
      return (await forward(context, createTopics, request, info)).topics;
    }),
    recentDeletions: new RecentDeletions(world.clock),
    recentFencings: new RecentFencings(world.clock),
    producerIds,
    hasAuthorizer: authorizer !== null,
    iamDirectory: () => iam?.source.current ?? null,
    imageWaiters,
    quotas: new ClientQuotas(world.clock, { image, settings }),
    fetchSessions: new FetchSessions(world.random, {
      now: () => world.clock.monotonic(),
      slots: fetchSessionSlots(settings),
      watchers: replicas.watchers,
    }),
  };
  const configsOf = new Map(options.listeners.map((listener) => [listener.name, listener.configsOf]));
  const requestTimes = new AllRequestTimes(world.clock);
  const server = new KafkaServer(world, {
    requestTimes,
    closed: (connectionId) => shareSessions.connectionClosed(connectionId),
    handlers,
    context,
    authorizer: new AuthorizerByPrincipal(authorizer ?? allowAll, iam?.authorizer ?? null),
    listeners: servedListeners(core, mappings, iam),
    limits: serverLimits(settings),
    connectionLimits: (listenerName) =>
      connectionLimits(settings, image(), configsOf.get(listenerName) ?? listenerName),
    features: () => featuresOf(image(), core.features),
    clientVersions: core.release?.lastVersions ?? null,
    requestTime: new RequestQuota(world.clock, { image, windows: () => quotaWindows(settings) }),
  });
  return { context, server, requestTimes, iam };
}

function topicCreation(
  { world, brokerId, image, settings }: BrokerCore,
  waiters: ImageWaiters,
  context: () => BrokerContext,
): TopicCreation {
  const info = {
    apiVersion: createTopics.versions[1],
    correlationId: 0,
    clientId: `broker-${brokerId}`,
    principal: `${BROKER_PRINCIPAL_TYPE}:${brokerId}`,
    iam: null,
    isPeer: true,
    clientHost: '127.0.0.1',
  };
  return new TopicCreation(world, {
    create: async (topics, timeoutMs) => {
      const answer = await forward(context(), createTopics, { topics: [...topics], timeoutMs }, info);
      return new Map(answer.topics.map(({ name, errorCode }) => [name, errorCode]));
    },
    image,
    waiters,
    settings,
  });
}
