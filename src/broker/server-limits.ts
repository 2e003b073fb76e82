import { DEFAULT_LIMITS, type ServerLimits } from '../server/limits.ts';
import type { BrokerSettings } from './broker-settings.ts';

/** A broker's configs that bound its connections, as they are at its start. */
export function serverLimits(settings: BrokerSettings): Partial<ServerLimits> {
  const d = DEFAULT_LIMITS;
  return {
    requestBytesMax: settings.number('socket.request.max.bytes', d.requestBytesMax),
    idleMs: settings.number('connections.max.idle.ms', d.idleMs),
    connectionsMax: settings.number('max.connections', d.connectionsMax),
    connectionsPerIpMax: settings.number('max.connections.per.ip', d.connectionsPerIpMax),
  };
}
