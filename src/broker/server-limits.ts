import { networkConfigs } from '../metadata/configs/broker/network-configs.ts';
import type { ServerLimits } from '../server/limits.ts';
import type { BrokerSettings } from './broker-settings.ts';

/** A broker's configs that bound its connections, as they are at its start. */
export function serverLimits(settings: BrokerSettings): Partial<ServerLimits> {
  const queuedBytesMax = settings.get(networkConfigs.queuedMaxRequestBytes);
  return {
    // Without a limit of Kafka's there is our own: memory has one in any case.
    ...(queuedBytesMax > 0 ? { inputBytesMax: queuedBytesMax } : {}),
    requestBytesMax: settings.get(networkConfigs.socketRequestMaxBytes),
    idleMs: settings.get(networkConfigs.connectionsMaxIdleMs),
    connectionsMax: settings.get(networkConfigs.maxConnections),
    connectionsPerIpMax: settings.get(networkConfigs.maxConnectionsPerIp),
  };
}
