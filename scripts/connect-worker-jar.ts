// `node scripts/connect-worker-jar.ts > src/connect/worker/connect-worker-jar.ts`, with a JDK: the class with which a worker of Kafka Connect
// begins, as a jar, so that whoever runs workers needs no compiler.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipBytes } from '../src/connect/plugins/testing/zip-bytes.ts';

const SOURCE = join(import.meta.dirname, '../src/connect/worker/java/ConnectWorker.java');
const CLASS = 'millrace/ConnectWorker.class';
const LINE = 100;

const folder = mkdtempSync(join(tmpdir(), 'millrace-classes-'));
try {
  // For the oldest Java that workers run in.
  execFileSync('javac', ['--release', '17', '-Xlint:all', '-Werror', '-d', folder, SOURCE], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const jar = zipBytes([{ name: CLASS, bytes: readFileSync(join(folder, CLASS)) }]).toString('base64');
  const source = createHash('sha256').update(readFileSync(SOURCE)).digest('hex');
  const lines = jar.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  process.stdout.write(
    `// Made by scripts/connect-worker-jar.ts.\n\n/** SHA-256 of the source that it was made of. */\nexport const SOURCE_SHA256 = '${source}';\n\n` +
      `/** java/ConnectWorker.java as a jar, in base64. */\nexport const CONNECT_WORKER_JAR =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
