import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { fixedTls, type TlsIdentity } from '../../base/tls.ts';
import type { World } from '../../base/world.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { createCa, issue } from '../../security/certificates/certificate.ts';
import { derOf } from '../../security/certificates/pem.ts';
import { type PeerIdentity, peerName, peerOf } from '../../security/peers/peer-identity.ts';
import { PeerTls } from '../../security/peers/peer-tls.ts';
import { CONTROL_PLANE_FILE, PEER_CA_FILES } from './layout.ts';
import { identityIn } from './listener-identity.ts';
import { makePeerAuthority, PeerAuthority, peerCaFile } from './peer-authority.ts';

const UUID = '8a1b6c2e-5d0f-4f53-9a3e-0c4b7e1d2f36';
const OTHER_UUID = '11111111-5d0f-4f53-9a3e-0c4b7e1d2f36';
const DAY_MS = 86_400_000;
const world = nodeWorld(silent);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-peers-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The certificate of a peer in the file of its name, written by the CA in `folder`. */
function certificateOf(peer: PeerIdentity, by: World = world, uuid = UUID) {
  makePeerAuthority(by, folder, uuid);
  const authority = new PeerAuthority(by, folder, uuid);
  const file =
    peer.kind === 'node' ? join(folder, `${peerName(uuid, peer)}.pem`) : join(folder, CONTROL_PLANE_FILE);
  if (peer.kind === 'node') authority.writeNode(file, peer.id);
  else authority.writeControlPlane();
  const identity = identityIn(file);
  if (!identity) throw new Error('a certificate was written');
  return { ...identity, file };
}

const node = (id: number): PeerIdentity => ({ kind: 'node', id });

/**
 * How a connection of `comer` to node 1 ends: `unknown` where the comer does not believe the node, `refused`
 * where the node does not let it in, and else whom the node takes it for.
 */
async function meet(
  comer: TlsIdentity | null,
  as: { readonly shown?: TlsIdentity; readonly to?: number } = {},
) {
  const own = certificateOf(node(1));
  const { domain, ca } = peerCaFile(folder, UUID);
  const clientCas = readFileSync(ca, 'utf8');
  let settled: (outcome: PeerIdentity | null | 'refused') => void = () => {};
  const outcome = new Promise<PeerIdentity | null | 'refused'>((resolve) => {
    settled = resolve;
  });
  const listener = await world.network.listen(
    {
      host: '127.0.0.1',
      port: 0,
      tls: fixedTls('required', { identity: as.shown ?? own, clientCas }),
    },
    (connection) =>
      connection.start({
        buffer: () => Buffer.alloc(1),
        received() {
          const { peerCertificate } = connection;
          settled(peerCertificate && peerOf(peerCertificate, domain));
          connection.destroy();
        },
        onClose: () => settled('refused'),
      }),
  );
  onTestFinished(() => listener.close());
  const { serverCas, serverName } = new PeerTls(world.disk, { ca, domain, identity: own.file }).client(
    as.to ?? 1,
  );
  const tls = { serverCas, serverName, ...(comer ? { identity: comer } : {}) };
  try {
    const connection = await world.network.connect({
      host: '127.0.0.1',
      port: listener.port,
      timeoutMs: 60_000,
      tls,
    });
    connection.start({ buffer: () => Buffer.alloc(1), received() {}, onClose() {} });
    connection.write([Buffer.from('x')]);
  } catch {
    return 'unknown';
  }
  return outcome;
}

test('nodes know each other by their numbers, also after a restart of the control plane', async () => {
  const identity = certificateOf(node(2));
  expect(certificateOf(node(2))).toEqual(identity);
  expect(await meet(identity)).toEqual(node(2));
  expect(await meet(identity, { to: 2 })).toBe('unknown');
});

test('the control plane is no node', async () => {
  expect(await meet(certificateOf({ kind: 'control plane' }))).toEqual({ kind: 'control plane' });
});

test('a broker of another cluster is none of this one', async () => {
  certificateOf(node(1));
  // Its own cluster's CA has another key; and if it had the same, the name would be of the other cluster.
  const others = mkdtempSync(join(folder, 'other-'));
  makePeerAuthority(world, others, OTHER_UUID);
  const file = join(others, 'peer.pem');
  new PeerAuthority(world, others, OTHER_UUID).writeNode(file, 1);
  const other = identityIn(file);
  expect(await meet(other)).toBe('refused');
  expect(await meet(certificateOf(node(2)), other ? { shown: other } : {})).toBe('unknown');
  expect(await meet(certificateOf(node(1), world, OTHER_UUID))).toBe('refused');
});

test('a certificate of the CA of clients, or of that of the listeners for clients, with the name of a broker is of no broker', async () => {
  certificateOf(node(1));
  const name = peerName(UUID, node(2));
  for (const ca of [
    createCa(world, { commonName: 'Millrace clients' }),
    createCa(world, { commonName: 'Millrace CA' }),
  ]) {
    const identity = issue(world, ca, { commonName: name, dnsNames: [name], purposes: ['server', 'client'] });
    expect(await meet(identity)).toBe('refused');
    expect(await meet(certificateOf(node(2)), { shown: identity })).toBe('unknown');
  }
});

test('who shows no certificate, or one that is for servers alone, is not let in', async () => {
  certificateOf(node(1));
  expect(await meet(null)).toBe('refused');
  const ca = identityIn(join(folder, PEER_CA_FILES.key));
  if (!ca) throw new Error('a CA was written');
  const name = peerName(UUID, node(2));
  const server = issue(world, ca, { commonName: name, dnsNames: [name], purposes: ['server'] });
  expect(await meet(server)).toBe('refused');
  expect(peerOf(derOf(server.certificate), UUID)).toBeNull();
  const client = issue(world, ca, { commonName: name, dnsNames: [name], purposes: ['client'] });
  expect(await meet(certificateOf(node(3)), { shown: client })).toBe('unknown');
});

test('a certificate of an older release, for servers alone, is exchanged', () => {
  certificateOf(node(1));
  const ca = identityIn(join(folder, PEER_CA_FILES.key));
  if (!ca) throw new Error('a CA was written');
  const name = peerName(UUID, node(2));
  const old = issue(world, ca, { commonName: name, dnsNames: [name], purposes: ['server'] });
  writeFileSync(join(folder, `${name}.pem`), `${old.certificate}${old.key}`);
  expect(certificateOf(node(2)).certificate).not.toBe(old.certificate);
});

test('a certificate that ends soon is exchanged, by the same CA', async () => {
  const identity = certificateOf(node(1));
  const clock: World['clock'] = {
    now: () => world.clock.now() + 270 * DAY_MS,
    monotonic: () => world.clock.monotonic(),
    after: (ms, run) => world.clock.after(ms, run),
    soon: (run) => world.clock.soon(run),
  };
  const ca = readFileSync(join(folder, PEER_CA_FILES.key), 'utf8');
  expect(certificateOf(node(1), { ...world, clock })).not.toEqual(identity);
  expect(readFileSync(join(folder, PEER_CA_FILES.key), 'utf8')).toBe(ca);
});

test('a CA that is gone or damaged is not replaced unsaid: nodes that run would believe nobody', () => {
  expect(() => new PeerAuthority(world, folder, UUID)).toThrow('missing or damaged');
  certificateOf(node(1));
  writeFileSync(join(folder, PEER_CA_FILES.key), 'nothing');
  expect(() => makePeerAuthority(world, folder, UUID)).toThrow('missing or damaged');
});
