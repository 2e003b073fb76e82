import { networkConfigs } from '../../metadata/configs/broker/network-configs.ts';
import { quotasAndMetricsConfigs } from '../../metadata/configs/broker/quotas-and-metrics-configs.ts';
import type { ClusterImage } from '../../metadata/image.ts';
import type { QuotaKey } from '../../metadata/quota-keys.ts';
import { type ConnectionLimits, UNLIMITED } from '../../server/gate/connection-limits.ts';
import type { ServerLimits } from '../../server/limits.ts';
import type { QuotaWindows } from '../../server/rates/mean-rate.ts';
import type { BrokerSettings } from './broker-settings.ts';

/** A broker's configs that bound its requests, as they are at its start. */
export function serverLimits(settings: BrokerSettings): Partial<ServerLimits> {
  const queuedBytesMax = settings.get(networkConfigs.queuedMaxRequestBytes);
  return {
    // Without a limit of Kafka's there is our own: memory has one in any case.
    ...(queuedBytesMax > 0 ? { inputBytesMax: queuedBytesMax } : {}),
    requestBytesMax: settings.get(networkConfigs.socketRequestMaxBytes),
    idleMs: settings.get(networkConfigs.connectionsMaxIdleMs),
  };
}

/** The configs that bound its connections, as they are in force now. */
export function connectionLimits(
  settings: BrokerSettings,
  { quotas }: ClusterImage,
  listenerName: string,
): ConnectionLimits {
  const ofListener = (config: string): number => {
    // The same config without the prefix is not its default: it limits all listeners together.
    const [own] = settings.levels.synonyms(`listener.name.${listenerName.toLowerCase()}.${config}`);
    return own === undefined ? UNLIMITED : Number(own.value);
  };
  return {
    max: settings.get(networkConfigs.maxConnections),
    listenerMax: ofListener('max.connections'),
    perIpMax: (clientHost) =>
      overrideFor(settings.get(networkConfigs.maxConnectionsPerIpOverrides), clientHost) ??
      settings.get(networkConfigs.maxConnectionsPerIp),
    creationRate: settings.get(networkConfigs.maxConnectionCreationRate),
    listenerCreationRate: ofListener('max.connection.creation.rate'),
    perIpCreationRate: (clientHost) => {
      const ofIp = (entityName: string | null) =>
        quotas.get([{ entityType: 'ip', entityName }])?.values.get(IP_RATE) ?? null;
      return ofIp(clientHost) ?? ofIp(null);
    },
    quotaWindows: quotaWindows(settings),
  };
}

const IP_RATE: QuotaKey = 'connection_creation_rate';

/** How many fetch sessions a broker keeps. */
export function fetchSessionSlots(settings: BrokerSettings): number {
  return settings.get(networkConfigs.maxIncrementalFetchSessionCacheSlots);
}

/** Over which all client quotas are measured. */
export function quotaWindows(settings: BrokerSettings): QuotaWindows {
  return {
    count: settings.get(quotasAndMetricsConfigs.quotaWindowNum),
    lengthMs: settings.get(quotasAndMetricsConfigs.quotaWindowSizeSeconds) * 1000,
  };
}

/** `address:number`, separated by commas; the last one counts. */
function overrideFor(overrides: string, clientHost: string): number | null {
  let found: number | null = null;
  for (const item of overrides.split(',')) {
    const colon = item.lastIndexOf(':');
    if (colon >= 0 && item.slice(0, colon).trim() === clientHost) found = Number(item.slice(colon + 1));
  }
  return found;
}
