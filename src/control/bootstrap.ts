import { tlsName } from './access/tls-names.ts';
import { hostOfBroker } from './broker-host.ts';
import type { Cluster } from './state/cluster.ts';
import { CLIENT_LISTENERS, isEncrypted, type ListenerKind, listenersOf } from './state/listeners.ts';
import { PORT_OFFSET } from './state/ports.ts';

/** MSK names at most three brokers, one of each zone: enough to find the others. */
const MOST_BROKERS = 3;

/** What GetBootstrapBrokers answers: `host:port,…` of each listener that the cluster has, by the name of its member. */
export function bootstrapStrings(cluster: Cluster, advertise: string): Record<string, string> {
  return Object.fromEntries(
    listenersOf(cluster.spec).map((kind) => [
      CLIENT_LISTENERS[kind].bootstrap,
      bootstrapBrokers(cluster, advertise, kind),
    ]),
  );
}

/** `host:port,…` of a listener, for clients to begin with; by default of the one that asks least of them. */
export function bootstrapBrokers(
  cluster: Cluster,
  advertise: string,
  kind: ListenerKind = listenersOf(cluster.spec)[0] ?? 'plaintext',
): string {
  const zones = new Set<number>();
  const addresses: string[] = [];
  for (const { id, zone, portBase } of cluster.brokers) {
    if (zones.has(zone) || addresses.length === MOST_BROKERS) continue;
    zones.add(zone);
    const host = (isEncrypted(kind) && tlsName(advertise, id)) || hostOfBroker(advertise, id);
    addresses.push(`${hostInAddress(host)}:${portBase + CLIENT_LISTENERS[kind].offset}`);
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
