import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { CONNECT_WORKER_JAR } from '../../src/connect/worker/connect-worker-jar.ts';
import { programIn } from '../../src/connect/worker/program-in.ts';

const hasJdk = programIn(process.env.PATH, 'javac') !== null;

// It needs a JDK.
test.skipIf(!hasJdk)(
  'a worker that is to stop does not wait for a request that stands, whatever Jetty would wait',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-stop-'));
    const source = join(import.meta.dirname, 'java/held/ConnectDistributed.java');
    execFileSync('javac', ['-d', folder, source]);
    const jar = join(folder, 'worker.jar');
    writeFileSync(jar, Buffer.from(CONNECT_WORKER_JAR, 'base64'));
    const password = join(folder, 'password');
    writeFileSync(password, 'millrace=password\n');
    const worker = spawn(
      'java',
      [
        ...[`-Dmillrace.metrics.password=${password}`, '-Dmillrace.metrics.port=0'],
        ...['-cp', [folder, jar].join(delimiter), 'millrace.ConnectWorker'],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const said: string[] = [];
    worker.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
    const ended = once(worker, 'close');
    try {
      await once(worker.stdout, 'data');
      expect(said).toEqual(['serves\n']);
      worker.kill('SIGTERM');
      // Java's status after SIGTERM.
      expect(await ended).toEqual([143, null]);
      expect(said.join('')).toBe('serves\ninterrupted\n');
    } finally {
      worker.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  },
);
