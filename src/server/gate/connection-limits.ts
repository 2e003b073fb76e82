import type { QuotaWindows } from '../rates/mean-rate.ts';

/** How many connections there may be, and how fast they may come, as it is in force now. */
export interface ConnectionLimits {
  /** max.connections: over all listeners. */
  readonly max: number;
  /** The same of one listener (`listener.name.<name>.max.connections`). */
  readonly listenerMax: number;
  /** max.connections.per.ip, or what its overrides say of the address. */
  perIpMax(clientHost: string): number;
  /** max.connection.creation.rate: new connections a second, over all listeners. */
  readonly creationRate: number;
  readonly listenerCreationRate: number;
  /** The quota connection_creation_rate of the address; null without one. */
  perIpCreationRate(clientHost: string): number | null;
  readonly quotaWindows: QuotaWindows;
}

/** The largest 32-bit int, which is Kafka's default of all these limits. */
export const UNLIMITED = 2_147_483_647;

export const NO_CONNECTION_LIMITS: ConnectionLimits = {
  max: UNLIMITED,
  listenerMax: UNLIMITED,
  perIpMax: () => UNLIMITED,
  creationRate: UNLIMITED,
  listenerCreationRate: UNLIMITED,
  perIpCreationRate: () => null,
  quotaWindows: { count: 11, lengthMs: 1000 },
};
