import { X509Certificate } from 'node:crypto';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { createCa, issue } from '../../src/security/certificates/certificate.ts';
import { brokerProcess, eventually, Millrace } from '../support/millrace.ts';

/** Certificates that end while the control plane, which would exchange them, is away. */

const DAY_MS = 86_400_000;
const world = nodeWorld(silent);
const root = createCa(world, { commonName: 'Example root' });
const folder = mkdtempSync(join(tmpdir(), 'millrace-expiring-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A certificate and its key as one PEM text, issued so many days ago; it is valid for about 396. */
function issuedDaysAgo(days: number): string {
  const clock = { ...world.clock, now: () => Date.now() - days * DAY_MS };
  const leaf = issue({ ...world, clock }, root, {
    commonName: 'localhost',
    dnsNames: ['localhost'],
    purposes: ['server'],
  });
  return leaf.certificate + leaf.key;
}

/** The error code of a handshake by a client that trusts the root CA; null when it succeeds. */
function handshakeError({ ready }: Millrace): Promise<string | null> {
  const [, port] = (ready.clusters[0]?.bootstrap ?? '').split(':');
  return new Promise((resolve) => {
    const socket = connect(
      { host: '127.0.0.1', port: Number(port), servername: 'localhost', ca: root.certificate },
      () => {
        resolve(null);
        socket.destroy();
      },
    );
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

/** The warnings about certificates in the log of broker 1. */
function warnings(data: string): { days: number; subject: string }[] {
  const logs = globSync(join(data, 'clusters', '*', 'broker-1', '*.log'));
  return logs
    .flatMap((log) => readFileSync(log, 'utf8').split('\n'))
    .filter((line) => line.includes('the certificate of a TLS listener ends soon, or has ended'))
    .map((line) => JSON.parse(line));
}

test('a broker warns of its certificate without the control plane, which exchanges it when it is back', async () => {
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const ca = ['--tls-ca', file('ca.pem', root.certificate), '--tls-ca-key', file('ca-key.pem', root.key)];
  const options = ['--brokers', '1', '--tls', ...ca];
  await using millrace = await Millrace.up(options);
  const { data } = millrace;
  expect(await handshakeError(millrace)).toBeNull();
  expect(warnings(data)).toEqual([]);
  const broker = brokerProcess(data, 1);

  const died = new Promise((done) => millrace.child.once('exit', done));
  millrace.child.kill('SIGKILL');
  await died;
  const [identity = ''] = globSync(join(data, 'clusters', '*', 'broker-1', 'listeners.pem'));
  // No whole number of days are left: both sides round down, seconds apart.
  const ending = issuedDaysAgo(389.5);
  const days = Math.floor((Date.parse(new X509Certificate(ending).validTo) - Date.now()) / DAY_MS);
  writeFileSync(identity, ending);
  await eventually('the broker warns', () => warnings(data).length > 0);
  expect(warnings(data)).toMatchObject([{ days, subject: 'CN=localhost' }]);
  expect(await handshakeError(millrace)).toBeNull();

  // One that has ended is still shown, and clients refuse it.
  writeFileSync(identity, issuedDaysAgo(400));
  await eventually('clients refuse it', async () => (await handshakeError(millrace)) === 'CERT_HAS_EXPIRED');

  await using back = await Millrace.up(options, millrace);
  await eventually('clients come in again', async () => (await handshakeError(back)) === null);
  expect(brokerProcess(data, 1)).toBe(broker);
  await back.stop();
});
