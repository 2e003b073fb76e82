import type { Cluster } from './state/cluster.ts';
import { PORT_OFFSET } from './state/ports.ts';

/** MSK names at most three brokers, one of each zone: enough to find the others. */
const MOST_BROKERS = 3;

/** A host of all brokers, or of each by its number: `broker-{id}.example`. */
export function hostOfBroker(host: string, id: number): string {
  return host.replaceAll(BROKER_ID, String(id));
}

export const BROKER_ID = '{id}';

/** `host:port,…` of the plaintext listener. */
export function bootstrapBrokers(cluster: Cluster, host: string): string {
  const zones = new Set<number>();
  const addresses: string[] = [];
  for (const { id, zone, portBase } of cluster.brokers) {
    if (zones.has(zone) || addresses.length === MOST_BROKERS) continue;
    zones.add(zone);
    addresses.push(`${hostInAddress(hostOfBroker(host, id))}:${portBase + PORT_OFFSET.plaintext}`);
  }
  return addresses.join(',');
}

/** IPv6 addresses stand in brackets before a port. */
export function hostInAddress(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Where the cluster's controller listens; brokers and operators need it, clients do not. */
export function controllerPort(cluster: Cluster): number {
  return (cluster.brokers[0]?.portBase ?? 0) + PORT_OFFSET.controller;
}
