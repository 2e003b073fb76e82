import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsIdentity } from '../../src/base/tls.ts';
import { freePort } from './free-port.ts';
import { kafkaTool, startKafkaTool } from './kafka-tools.ts';

export interface ApacheKafka {
  readonly bootstrap: string;
  /** The address of its TLS listener; null without a certificate. */
  readonly tlsBootstrap: string | null;
  readonly dataDirectory: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Apache Kafka looks half a minute after its start for segments to remove. Records of tests have times of
 * years ago, which it keeps for a week by default: it would remove them in the middle of a test.
 */
export const KEEPS_OLD_RECORDS = { 'log.initial.task.delay.ms': '86400000' };

/** It takes seconds, and beside other tests on a slow machine minutes. */
const STARTS_MS = 300_000;

/**
 * Starts a one-node Apache Kafka (broker and controller in one JVM) to compare answers with. With a
 * certificate it also listens with TLS.
 */
export async function startApacheKafka(
  properties: Record<string, string> = {},
  identity: TlsIdentity | null = null,
): Promise<ApacheKafka> {
  const folder = mkdtempSync(join(tmpdir(), 'apache-kafka-'));
  const [port, controllerPort] = [await freePort(), await freePort()];
  const tls = identity ? { port: await freePort(), keyStore: join(folder, 'identity.pem') } : null;
  if (tls && identity)
    writeFileSync(tls.keyStore, `${identity.key}\n${identity.certificate}`, { mode: 0o600 });
  const encrypted = tls ? `,SSL://127.0.0.1:${tls.port}` : '';
  const dataDirectory = join(folder, 'data');
  const file = join(folder, 'server.properties');
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${encrypted}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}${encrypted}`,
    ...(tls ? tlsSettings(tls.keyStore) : {}),
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': dataDirectory,
    // On a busy machine a broker may be late without being dead.
    'broker.session.timeout.ms': '60000',
    ...KEEPS_OLD_RECORDS,
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    ...properties,
  };
  writeFileSync(
    file,
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n'),
  );
  const format = await kafkaTool('kafka-storage', ['format', '-t', 'MkU3OEVBNTcwNTJENDM2Qk', '-c', file]);
  if (format.status !== 0) throw new Error(`kafka-storage format: ${format.stderr}${format.stdout}`);
  const child = startKafkaTool('kafka-server', [file]);
  const kill = (): void => void child.kill('SIGKILL');
  process.on('exit', kill);
  const output: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const bootstrap = `127.0.0.1:${port}`;
  const deadline = Date.now() + STARTS_MS;
  for (;;) {
    const probe = await kafkaTool('kafka-topics', ['--bootstrap-server', bootstrap, '--list']);
    if (probe.status === 0) break;
    if (child.exitCode !== null || Date.now() > deadline) {
      kill();
      throw new Error(`Apache Kafka did not start: ${output.join('')}`);
    }
  }
  return {
    bootstrap,
    tlsBootstrap: tls ? `127.0.0.1:${tls.port}` : null,
    dataDirectory,
    pid: child.pid ?? 0,
    async stop() {
      process.off('exit', kill);
      child.kill('SIGKILL');
      await new Promise((done) => child.once('close', done));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `keyStore`: a PEM file with a key and its certificate. */
function tlsSettings(keyStore: string): Record<string, string> {
  return {
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SSL:SSL,CONTROLLER:PLAINTEXT',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keyStore,
  };
}
