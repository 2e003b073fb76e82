/**
 * Every broker owns ten ports in a row for life: MSK's own 9092, 9094, 9096 and 9098 in the first ten, and the same last digits
 * in every other. Clients keep addresses for years, so what is taken once is never handed to another listener.
 */
export const FIRST_PORT_BASE = 9092;
const PORTS_PER_BROKER = 10;
const LAST_PORT_BASE = 65_522;
/** Those below are the system's. */
const LEAST_PORT = 1024;

/** Which of a broker's ten ports serves what. */
export const PORT_OFFSET = {
  plaintext: 0,
  replication: 1,
  tls: 2,
  scram: 4,
  iam: 6,
  /** The controller uses this port of the cluster's first broker. */
  controller: 7,
  /** MSK's 11001 and 11002. */
  jmxExporter: 8,
  nodeExporter: 9,
} as const;

/** Tens of ports that a plan passes over. */
export interface PassedOver {
  /** Another process is in them. */
  readonly busy: ReadonlySet<number>;
  /** Others are about to take them. */
  readonly reserved?: readonly number[];
}

/** `count` free tens from `first` on, lowest first; null when the port range has no more. */
export function allocatePortBases(options: {
  readonly count: number;
  readonly first: number;
  readonly taken: (base: number) => boolean;
}): number[] | null {
  const bases: number[] = [];
  for (let base = options.first; bases.length < options.count; base += PORTS_PER_BROKER) {
    if (base > LAST_PORT_BASE) return null;
    if (!options.taken(base)) bases.push(base);
  }
  return bases;
}

/** Tens of different beginnings (a cluster made with another first port) overlap when they are nearer than ten. */
export function overlap(a: number, b: number): boolean {
  return Math.abs(a - b) < PORTS_PER_BROKER;
}

export function isPortBase(port: number): boolean {
  return port >= LEAST_PORT && port <= LAST_PORT_BASE;
}
