// `node scripts/connect-worker-jar.ts > src/connect/worker/connect-worker-jar.ts` needs a JDK and the jars of
// Kafka Connect that tests use. It prints a jar with the main class of a worker of Kafka Connect and the
// class that tries a plugin, so that users need no compiler.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipBytes } from '../src/connect/plugins/zip-bytes.ts';
import { kafkaJars } from './kafka-jars.ts';

const SOURCES = ['ConnectWorker', 'PluginCheck'].map((name) =>
  join(import.meta.dirname, `../src/connect/worker/java/${name}.java`),
);
const LINE = 100;

const jars = kafkaJars('connect');
if (jars === null)
  throw new Error('There are no jars of Kafka Connect: node scripts/test-tools.mjs kafka-connect');
const folder = mkdtempSync(join(tmpdir(), 'millrace-classes-'));
try {
  // Compiled for the oldest Java that workers run in. Kafka's jars use annotations that are not in them.
  execFileSync(
    'javac',
    [
      ...['--release', '17', '-Xlint:all,-classfile', '-Werror', '-proc:none'],
      ...['-cp', join(jars, '*'), '-d', folder, ...SOURCES],
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const classes = readdirSync(join(folder, 'millrace')).sort();
  const jar = zipBytes(
    classes.map((name) => ({
      name: `millrace/${name}`,
      bytes: readFileSync(join(folder, 'millrace', name)),
    })),
  ).toString('base64');
  const digest = createHash('sha256');
  for (const file of SOURCES) digest.update(readFileSync(file));
  const source = digest.digest('hex');
  const lines = jar.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  process.stdout.write(
    `// Made by scripts/connect-worker-jar.ts.\n\n/** SHA-256 of the sources that it was made of, one after the other. */\nexport const SOURCE_SHA256 = '${source}';\n\n` +
      `/** The classes of java/ as a jar, in base64. */\nexport const CONNECT_WORKER_JAR =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
