import { controllerConfigs } from '../../metadata/configs/broker/controller-configs.ts';
import type { BrokerSettings } from './broker-settings.ts';

/**
 * The least number of heartbeats in a session, which must outlast some lost ones also where only its own
 * length was configured. Kafka's defaults, a heartbeat every 2 s and a session of 9 s, give the same.
 */
const HEARTBEATS_IN_SESSION = 4;

/** How this broker tells the controller that it lives, as its configs are at its start. */
export function heartbeatConfig(settings: BrokerSettings): {
  readonly intervalMs: number;
  readonly sessionMs: number;
} {
  const sessionMs = settings.get(controllerConfigs.brokerSessionTimeoutMs);
  const interval = settings.get(controllerConfigs.brokerHeartbeatIntervalMs);
  return { intervalMs: Math.min(interval, sessionMs / HEARTBEATS_IN_SESSION), sessionMs };
}
