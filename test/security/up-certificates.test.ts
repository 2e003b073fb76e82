import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { silent } from '../../src/base/log.ts';
import type { TlsIdentity } from '../../src/base/tls.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { createCa, issue } from '../../src/security/certificates/certificate.ts';
import { brokerProcess, eventually, Millrace } from '../support/millrace.ts';

/** `millrace up` with certificates from another CA. */

const PROGRAM = join(import.meta.dirname, '../../bin/millrace.mjs');
/** An ApiVersions request (key 18), version 0, from a client without a client id. */
const API_VERSIONS = Buffer.from('0000000a0012000000000001ffff', 'hex');
const world = nodeWorld(silent);
const root = createCa(world, { commonName: 'Example root' });
const folder = mkdtempSync(join(tmpdir(), 'millrace-given-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newLeaf = (): TlsIdentity =>
  issue(world, root, { commonName: 'localhost', dnsNames: ['localhost'], purposes: ['server'] });
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

/** Connects a client that trusts the root CA. */
function connected({ ready }: Millrace): Promise<TLSSocket> {
  const [, port] = (ready.clusters[0]?.bootstrap ?? '').split(':');
  return new Promise((resolve, reject) => {
    const socket = connect(
      { host: '127.0.0.1', port: Number(port), servername: 'localhost', ca: root.certificate },
      () => resolve(socket),
    );
    socket.once('error', reject);
  });
}

async function shown(millrace: Millrace): Promise<string> {
  const socket = await connected(millrace);
  const certificate = socket.getPeerX509Certificate()?.toString() ?? '';
  socket.destroy();
  return certificate;
}

/** Whether the broker answers on this connection. */
function answers(socket: TLSSocket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('data', () => resolve(true));
    socket.once('close', () => resolve(false));
    socket.write(API_VERSIONS);
  });
}

test('brokers show a certificate that was given, and take another one without a restart or a broken connection', async () => {
  const first = newLeaf();
  const certificate = file('server.pem', first.certificate + root.certificate);
  const key = file('server-key.pem', first.key);
  const tls = ['--brokers', '1', '--tls'];
  await using millrace = await Millrace.up([...tls, '--tls-cert', certificate, '--tls-key', key]);
  const { data, ready } = millrace;
  expect(await (await fetch(`${ready.api}/ca.pem`)).text()).toBe(root.certificate);
  expect(await shown(millrace)).toBe(first.certificate);
  for (const copy of globSync(join(data, 'clusters', '*', 'broker-1', 'listeners.pem')))
    expect(statSync(copy).mode & 0o777).toBe(0o600);
  const broker = brokerProcess(data, 1);
  const open = await connected(millrace);
  expect(await answers(open)).toBe(true);

  const second = newLeaf();
  file('server.pem', second.certificate + root.certificate);
  file('server-key.pem', second.key);
  await eventually(
    'a new connection is shown the new one',
    async () => (await shown(millrace)) === second.certificate,
  );
  expect(await answers(open)).toBe(true);
  open.destroy();
  expect(brokerProcess(data, 1)).toBe(broker);
  const cli = (...args: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
    return { status, stderr };
  };
  expect(cli('ca', 'renew', '--api', ready.api)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/were given to "millrace up": put new ones into their files/),
  });
  await millrace.stop();

  // Unusable certificates are reported before anything is started.
  const up = (...words: string[]) => cli('up', '--data', data, '--port', String(millrace.port), ...words);
  file('server-key.pem', first.key);
  expect(up('--tls-cert', certificate, '--tls-key', key)).toEqual({
    status: 1,
    stderr: expect.stringMatching(
      /^millrace: .*server\.pem and .*server-key\.pem cannot be used: .*no pair\.\n$/,
    ),
  });
  expect(up('--tls-cert', certificate)).toEqual({
    status: 2,
    stderr: expect.stringMatching(/--tls-cert and --tls-key belong together/),
  });

  // A CA signs certificates for the running brokers; clients that trust it continue to work.
  const authority = [
    '--tls-ca',
    file('ca.pem', root.certificate),
    '--tls-ca-key',
    file('ca-key.pem', root.key),
  ];
  for (const copy of globSync(join(data, 'clusters', '*', 'broker-1', 'listeners.pem'))) rmSync(copy);
  await using signed = await Millrace.up([...tls, ...authority], millrace);
  expect(await shown(signed)).not.toBe(second.certificate);
  await signed.stop();
});
