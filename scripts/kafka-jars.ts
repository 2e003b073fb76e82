import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readZip } from './zip.ts';

const root = join(import.meta.dirname, '..');

/** The release of Apache Kafka whose definitions ours are held against. */
export const kafkaRelease: string = JSON.parse(
  readFileSync(join(import.meta.dirname, 'kafka-release.json'), 'utf8'),
).version;

/** The jar of that release that `scripts/test-tools.mjs` fetched; null when it is not there. */
export function kafkaJar(artifact: string): string | null {
  const path = join(root, `.test-tools/kafka-definitions-${kafkaRelease}/${artifact}-${kafkaRelease}.jar`);
  return existsSync(path) ? path : null;
}

/** The message definitions in a jar, parsed. Kafka's JSON has `//` comments. */
export function messageDefinitions(jar: string): unknown[] {
  const files = readZip(readFileSync(jar), (name) => /^common\/(message|metadata)\/\w+\.json$/.test(name));
  return [...files.values()].map((bytes) => JSON.parse(bytes.toString('utf8').replace(/^\s*\/\/.*$/gm, '')));
}
