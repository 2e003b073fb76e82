import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { silent } from '../../base/log.ts';
import { fixedTls } from '../../base/tls.ts';
import type { World } from '../../base/world.ts';
import { nodeWorld } from '../../platform/node-world.ts';
import { PeerNames } from '../../security/peers/peer-tls.ts';
import { PEER_CA_FILES } from './layout.ts';
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

/** The certificate of a node in the file of that name, written by the CA in `folder`. */
function certificateOf(node: number, by: World = world, uuid = UUID) {
  makePeerAuthority(by, folder, uuid);
  const file = join(folder, `${uuid}-${node}.pem`);
  new PeerAuthority(by, folder, uuid).writeIdentity(file, node);
  const identity = identityIn(file);
  if (!identity) throw new Error('a certificate was written');
  return identity;
}

/** Whether a node takes the one that shows this certificate for the node of this number. */
async function believes(
  identity: ReturnType<typeof certificateOf>,
  node: number,
  uuid = UUID,
): Promise<boolean> {
  const listener = await world.network.listen(
    { host: '127.0.0.1', port: 0, tls: fixedTls('none', { identity, clientCas: '' }) },
    (connection) =>
      connection.start({ buffer: () => Buffer.alloc(1), received() {}, onDrain() {}, onClose() {} }),
  );
  onTestFinished(() => listener.close());
  const tls = new PeerNames(world.disk, peerCaFile(folder, uuid)).tls(node);
  const to = { host: '127.0.0.1', port: listener.port, timeoutMs: 5000, tls };
  return world.network.connect(to).then(
    (connection) => {
      connection.destroy();
      return true;
    },
    () => false,
  );
}

test('a node is believed by its number, also after a restart of the control plane', async () => {
  const identity = certificateOf(1);
  expect(certificateOf(1)).toEqual(identity);
  expect(await believes(identity, 1)).toBe(true);
  expect(await believes(identity, 2)).toBe(false);
});

test('the CA vouches for no node of another cluster', async () => {
  certificateOf(1);
  const other = certificateOf(1, world, OTHER_UUID);
  expect(await believes(other, 1)).toBe(false);
  // The name would be right: the CA itself is not for it.
  expect(await believes(other, 1, OTHER_UUID)).toBe(false);
});

test('a certificate that ends soon is exchanged, by the same CA', async () => {
  const identity = certificateOf(1);
  const clock: World['clock'] = {
    now: () => world.clock.now() + 270 * DAY_MS,
    monotonic: () => world.clock.monotonic(),
    after: (ms, run) => world.clock.after(ms, run),
    soon: (run) => world.clock.soon(run),
  };
  const ca = readFileSync(join(folder, PEER_CA_FILES.key), 'utf8');
  expect(certificateOf(1, { ...world, clock })).not.toEqual(identity);
  expect(readFileSync(join(folder, PEER_CA_FILES.key), 'utf8')).toBe(ca);
});

test('a CA that is gone or damaged is not replaced unsaid: nodes that run would believe nobody', () => {
  expect(() => new PeerAuthority(world, folder, UUID)).toThrow('missing or damaged');
  certificateOf(1);
  writeFileSync(join(folder, PEER_CA_FILES.key), 'nothing');
  expect(() => makePeerAuthority(world, folder, UUID)).toThrow('missing or damaged');
});
