/**
 * The budget of a broker's ports. It owns ten in a row for life: MSK's own 9092, 9094, 9096 and 9098 in the
 * first ten, and the same last digits in every other. Each further advertised host has the same listeners
 * 10,000 higher: 19092 and 29092, which lie below the ports that systems give to outgoing connections.
 * Clients keep addresses for years, so what is taken once is never handed to another listener.
 */
export const FIRST_PORT_BASE = 9092;
const PORTS_PER_BROKER = 10;
const PORTS_PER_ADVERTISED_HOST = 10_000;
/** How many hosts can be advertised. */
export const MOST_ADVERTISED_HOSTS = 3;
const LAST_PORT_BASE = 65_522;
/** Those below are the system's. */
const LEAST_PORT = 1024;

/** Which of a broker's ten ports serves what. */
export const PORT_OFFSET = {
  plaintext: 0,
  replication: 1,
  tls: 2,
  /** MSK's 11001. */
  jmxExporter: 3,
  scram: 4,
  iam: 6,
  /** The controller uses this port of the cluster's first broker. */
  controller: 7,
  /**
   * MSK's 11002. The one before it stays free: 9100 of a first broker is where Prometheus's own node exporter
   * listens.
   */
  nodeExporter: 9,
} as const;

/** The JMX exporter's of brokers that are older than that. */
export const OLDER_JMX_EXPORTER_OFFSET = 8;

/** The port at this offset of the ten that begin with `base`, under the nth advertised host. */
export function portOf(base: number, offset: number, nth = 0): number {
  return base + offset + nth * PORTS_PER_ADVERTISED_HOST;
}

/** The highest first port of a broker whose listeners are under so many advertised hosts. */
export function lastPortBase(advertisedHosts: number): number {
  return LAST_PORT_BASE - (advertisedHosts - 1) * PORTS_PER_ADVERTISED_HOST;
}

/** What a plan of ports must make room for: tens that it passes over, and how far up the ports of each go. */
export interface PassedOver {
  /** Another process is in them. */
  readonly busy: ReadonlySet<number>;
  /** Others are about to take them. */
  readonly reserved?: readonly number[];
  /** How many hosts are advertised; 1 by default. */
  readonly advertisedHosts?: number;
}

/** `count` free tens from `first` on, lowest first; null when the port range has no more. */
export function allocatePortBases(options: {
  readonly count: number;
  readonly first: number;
  /** How many hosts are advertised. */
  readonly advertisedHosts: number;
  readonly taken: (base: number) => boolean;
}): number[] | null {
  const bases: number[] = [];
  for (let base = options.first; bases.length < options.count; base += PORTS_PER_BROKER) {
    if (base > lastPortBase(options.advertisedHosts)) return null;
    if (!options.taken(base)) bases.push(base);
  }
  return bases;
}

/**
 * Whether two brokers would share a port, now or with further advertised hosts: their tens have different
 * beginnings where a cluster was made with another first port.
 */
export function overlap(a: number, b: number): boolean {
  const apart = Math.abs(a - b);
  const tens = Math.round(apart / PORTS_PER_ADVERTISED_HOST);
  return (
    tens < MOST_ADVERTISED_HOSTS && Math.abs(apart - tens * PORTS_PER_ADVERTISED_HOST) < PORTS_PER_BROKER
  );
}

export function isPortBase(port: number, advertisedHosts: number): boolean {
  return port >= LEAST_PORT && port <= lastPortBase(advertisedHosts);
}
