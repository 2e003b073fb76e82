/**
 * Kafka versions as MSK spells them, oldest first (the `.x` is literal; `.kraft` chooses KRaft, which here
 * every cluster is). Brokers offer clients the APIs and features of that release
 * (`metadata/kafka-releases.ts`).
 */
export const KAFKA_VERSIONS: readonly string[] = [
  '3.6.0',
  '3.7.x',
  '3.7.x.kraft',
  '3.8.x',
  '3.8.x.kraft',
  '3.9.x',
  '3.9.x.kraft',
  '4.0.x.kraft',
  '4.1.x.kraft',
];

export const DEFAULT_KAFKA_VERSION = '4.1.x.kraft';

export function isKraft(version: string): boolean {
  return version.endsWith('.kraft');
}

/** The release of Apache Kafka that a version is of, as `KAFKA_RELEASES` names it. */
export function releaseOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** Upgrades go up only, and from KRaft never back to ZooKeeper. */
export function compatibleVersions(source: string): string[] {
  const from = KAFKA_VERSIONS.indexOf(source);
  return KAFKA_VERSIONS.slice(from + 1).filter(
    (target) => isKraft(source) === isKraft(target) || (source === '3.9.x' && target === '3.9.x.kraft'),
  );
}

/** The message AWS gives; clients match on it. */
export function unsupportedKafkaVersion(version: string): string {
  return `Unsupported KafkaVersion [${version}]. Valid values: [${KAFKA_VERSIONS.join(', ')}]`;
}
