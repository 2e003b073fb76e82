import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readZip } from './zip.ts';

const root = join(import.meta.dirname, '..');

const { version, toolsVersion }: Readonly<Record<'version' | 'toolsVersion', string>> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'kafka-release.json'), 'utf8'),
);

/** The release of Apache Kafka whose definitions are compared with Millrace's. */
export const kafkaRelease = version;

/** The folder of one kind of Kafka's jars, as `scripts/test-tools.mjs` fills it; null if it could not. */
export function kafkaJars(kind: 'connect' | 'definitions' | 'tests' | 'tools'): string | null {
  const folder = join(root, `.test-tools/kafka-${kind}-${kind === 'definitions' ? version : toolsVersion}`);
  return existsSync(join(folder, 'complete')) ? folder : null;
}

/** The path of a jar with message definitions; null if it is missing. */
export function kafkaJar(artifact: string): string | null {
  const path = join(kafkaJars('definitions') ?? '', `${artifact}-${version}.jar`);
  return existsSync(path) ? path : null;
}

/** The message definitions in a jar, parsed. Kafka's JSON has `//` comments. */
export function messageDefinitions(jar: string): unknown[] {
  const files = readZip(readFileSync(jar), (name) => /^common\/(message|metadata)\/\w+\.json$/.test(name));
  return [...files.values()].map((bytes) => JSON.parse(bytes.toString('utf8').replace(/^\s*\/\/.*$/gm, '')));
}
