import { isKraft } from './kafka-versions.ts';

/** Broker sizes of standard brokers. */
const SIZES: { readonly [family: string]: readonly string[] } = {
  'kafka.t3': ['small'],
  'kafka.m5': ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge', '24xlarge'],
  'kafka.m7g': ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge'],
};

export const DEFAULT_INSTANCE_TYPE = 'kafka.m5.large';

const INSTANCE_TYPES = Object.entries(SIZES).flatMap(([family, sizes]) =>
  sizes.map((size) => `${family}.${size}`),
);

/** Why a cluster of this Kafka version cannot have such brokers, in AWS's words; null when it can. */
export function wrongInstanceType(name: string, kafkaVersion: string): string | null {
  const types = INSTANCE_TYPES.filter((type) => type !== 'kafka.t3.small' || !isKraft(kafkaVersion));
  if (types.includes(name)) return null;
  return `Unsupported InstanceType specified. Valid values: [${types.join(', ')}]`;
}

export interface BrokerLimits {
  /** What the broker's own objects may take; the log's pages are the machine's to keep. */
  readonly heapMegabytes: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Of `large`; every next size has twice as much. */
const HEAP_MEGABYTES = 2048;
/** Kafka's default of fetch sessions that are remembered. */
const FETCH_SESSIONS = 1000;

/**
 * What a size means here: all brokers share a machine, so it is a limit and no promise. In AWS's table a
 * `large` has 8 GiB, and a size's number is how many `xlarge` it is.
 */
export function brokerLimits(instanceType: string): BrokerLimits {
  const size = instanceType.slice(instanceType.lastIndexOf('.') + 1);
  const larges = size === 'small' ? 0.5 : size === 'large' ? 1 : 2 * (Number.parseInt(size, 10) || 1);
  return {
    heapMegabytes: HEAP_MEGABYTES * larges,
    config: { 'max.incremental.fetch.session.cache.slots': String(FETCH_SESSIONS * larges) },
  };
}

/** ListNodes and operations drop the prefix. */
export function shortInstanceType(name: string): string {
  return name.replace(/^kafka\./, '');
}
