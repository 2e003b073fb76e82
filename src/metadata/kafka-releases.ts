import {
  ELIGIBLE_LEADER_REPLICAS,
  GROUP_VERSION,
  KRAFT_FEATURE,
  METADATA_VERSION,
  SHARE_VERSION,
  STREAMS_VERSION,
  TRANSACTION_VERSION,
} from './features.ts';

/** What clients of a release of Apache Kafka meet, as far as its releases differ in what there is here. */
export interface KafkaRelease {
  readonly name: string;
  /** The newest level of each feature that its brokers can serve. */
  readonly supported: ReadonlyMap<string, number>;
  /** The levels that a new cluster gets, and an upgraded one. */
  readonly levels: ReadonlyMap<string, number>;
  /** The newest version of each API, by its key; an API that is not in it does not exist in this release. */
  readonly lastVersions: ReadonlyMap<number, number>;
}

/**
 * What each release brought: levels of features, and newest stable versions of APIs that brokers serve to
 * clients.
 */
interface Step {
  readonly name: string;
  readonly supported?: Readonly<Record<string, number>>;
  /** Where a new cluster gets another level than the newest. */
  readonly levels?: Readonly<Record<string, number>>;
  readonly lastVersions: Readonly<Record<number, number>>;
}

/**
 * From the message definitions and MetadataVersion of each release. The oldest versions are the same in all
 * of them here: those of Kafka 4.0, which dropped what was older (KIP-896).
 */
const STEPS: readonly Step[] = [
  {
    name: '3.6',
    supported: { [METADATA_VERSION]: 14 },
    // biome-ignore format: a table
    lastVersions: {
      0: 9, 1: 15, 2: 8, 3: 12, 8: 8, 9: 8, 10: 4, 11: 9, 12: 4, 13: 5, 14: 5, 15: 5, 16: 4, 17: 1, 18: 3, 19: 7, 20: 6, 21: 2, 22: 4, 23: 4,
      24: 4, 25: 3, 26: 3, 27: 1, 28: 3, 29: 3, 30: 3, 31: 3, 32: 4, 33: 2, 34: 2, 35: 4, 36: 2, 37: 3, 38: 3, 39: 2, 40: 2, 41: 3, 42: 2, 43: 2,
      44: 1, 45: 0, 46: 0, 47: 0, 48: 1, 49: 1, 50: 0, 51: 0, 55: 1, 57: 1, 60: 0, 61: 0, 64: 0, 65: 0, 66: 0,
    },
  },
  {
    name: '3.7',
    supported: { [METADATA_VERSION]: 19 },
    lastVersions: { 0: 10, 1: 16, 8: 9, 9: 9, 60: 1, 68: 0, 71: 0, 72: 0, 74: 0 },
  },
  {
    name: '3.8',
    supported: { [METADATA_VERSION]: 20 },
    lastVersions: { 0: 11, 10: 5, 16: 5, 22: 5, 24: 5, 25: 4, 26: 4, 28: 4, 66: 1, 69: 0, 75: 0 },
  },
  {
    name: '3.9',
    supported: { [METADATA_VERSION]: 21, [KRAFT_FEATURE]: 1 },
    lastVersions: { 1: 17, 2: 9, 10: 6, 18: 4, 55: 2, 80: 0, 81: 0 },
  },
  {
    name: '4.0',
    supported: {
      [METADATA_VERSION]: 25,
      [TRANSACTION_VERSION]: 2,
      [GROUP_VERSION]: 1,
      [ELIGIBLE_LEADER_REPLICAS]: 1,
    },
    levels: { [ELIGIBLE_LEADER_REPLICAS]: 0 },
    lastVersions: { 0: 12, 2: 10, 3: 13, 15: 6, 26: 5, 28: 5, 57: 2, 60: 2, 68: 1, 69: 1 },
  },
  {
    name: '4.1',
    supported: { [METADATA_VERSION]: 27, [SHARE_VERSION]: 1, [STREAMS_VERSION]: 1 },
    // Share groups were a preview, streams groups an early access: whoever wants them says so.
    levels: { [SHARE_VERSION]: 0, [STREAMS_VERSION]: 0 },
    // biome-ignore format: a table
    lastVersions: { 0: 13, 1: 18, 45: 1, 66: 2, 74: 1, 76: 1, 77: 1, 78: 1, 79: 1, 83: 0, 84: 0, 85: 0, 86: 0, 87: 0, 88: 0, 89: 0, 90: 0, 91: 0, 92: 0 },
  },
];

/** In order. */
export const KAFKA_RELEASES: readonly KafkaRelease[] = releases();

/** By its name; null without one. Throws for a name that is not in the table. */
export function kafkaRelease(name: string | undefined): KafkaRelease | null {
  if (name === undefined) return null;
  const release = KAFKA_RELEASES.find((one) => one.name === name);
  if (!release)
    throw new Error(
      `There is no release ${name} of Apache Kafka among ${KAFKA_RELEASES.map((one) => one.name).join(', ')}`,
    );
  return release;
}

function releases(): KafkaRelease[] {
  const supported = new Map<string, number>();
  const lastVersions = new Map<number, number>();
  return STEPS.map((step) => {
    for (const [feature, level] of Object.entries(step.supported ?? {})) supported.set(feature, level);
    for (const [key, version] of Object.entries(step.lastVersions)) lastVersions.set(Number(key), version);
    return {
      name: step.name,
      supported: new Map(supported),
      levels: new Map([...supported, ...Object.entries(step.levels ?? {})]),
      lastVersions: new Map(lastVersions),
    };
  });
}
