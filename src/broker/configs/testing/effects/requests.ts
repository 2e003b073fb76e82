import { authorizerConfigs } from '../../../../metadata/configs/broker/authorizer-configs.ts';
import { networkConfigs } from '../../../../metadata/configs/broker/network-configs.ts';
import { quotasAndMetricsConfigs } from '../../../../metadata/configs/broker/quotas-and-metrics-configs.ts';
import { saslConfigs } from '../../../../metadata/configs/broker/sasl-configs.ts';
import { type ConfigEffect, effect } from '../config-effect.ts';

const ACLS = { 'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer' } as const;
const ADDRESS = '10.0.0.1';

/** Connections, requests, sign-in and the quotas of clients. */
export const requestsEffects: readonly ConfigEffect[] = [
  effect(networkConfigs.maxConnections, '7', (c) => c.connections.max, 7),
  effect(networkConfigs.maxConnectionCreationRate, '7', (c) => c.connections.creationRate, 7),
  effect(networkConfigs.maxConnectionsPerIp, '7', (c) => c.connections.perIpMax(ADDRESS), 7),
  effect(
    networkConfigs.maxConnectionsPerIpOverrides,
    `${ADDRESS}:7`,
    (c) => [ADDRESS, '10.0.0.2'].map(c.connections.perIpMax),
    [7, 2_147_483_647],
  ),
  effect(networkConfigs.connectionsMaxIdleMs, '7000', (c) => c.server.idleMs, 7000),
  effect(networkConfigs.socketRequestMaxBytes, '7', (c) => c.server.requestBytesMax, 7),
  effect(networkConfigs.queuedMaxRequestBytes, '200000000', (c) => c.server.inputBytesMax, 200_000_000),
  effect(networkConfigs.maxIncrementalFetchSessionCacheSlots, '7', (c) => c.fetchSessionSlots, 7),
  effect(networkConfigs.requestTimeoutMs, '7', (c) => c.transactions.commitTimeoutMs, 7),
  effect(saslConfigs.saslServerMaxReceiveSize, '7', (c) => c.sasl.requestBytesMax, 7),
  effect(saslConfigs.connectionsMaxReauthMs, '7', (c) => c.sasl.maxReauthMs, 7),
  effect(saslConfigs.connectionFailedAuthenticationDelayMs, '7', (c) => c.sasl.failureDelayMs, 7),
  effect(quotasAndMetricsConfigs.quotaWindowNum, '7', (c) => c.connections.quotaWindows.count, 7),
  effect(
    quotasAndMetricsConfigs.quotaWindowSizeSeconds,
    '7',
    (c) => c.connections.quotaWindows.lengthMs,
    7000,
  ),
  effect(quotasAndMetricsConfigs.controllerQuotaWindowNum, '7', (c) => c.controller.mutationQuotaSeconds, 7),
  effect(
    quotasAndMetricsConfigs.controllerQuotaWindowSizeSeconds,
    '7',
    (c) => c.controller.mutationQuotaSeconds,
    77,
  ),
  effect(saslConfigs.authorizerClassName, ACLS['authorizer.class.name'], (c) => c.mayRead('User:ann'), false),
  effect(authorizerConfigs.superUsers, 'User:bob;User:ann', (c) => c.mayRead('User:ann'), true, ACLS),
  effect(authorizerConfigs.allowEveryoneIfNoAclFound, 'true', (c) => c.mayRead('User:ann'), true, ACLS),
];
