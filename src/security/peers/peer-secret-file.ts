import { type Disk, readWhole, writeWhole } from '../../base/disk.ts';
import type { Random } from '../../base/random.ts';
import { PeerSecret } from './peer-secret.ts';

const SECRET_BYTES = 32;
const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** The secret that a file has; throws when it is missing or holds none. */
export function readPeerSecret(disk: Disk, path: string): PeerSecret {
  const secret = readWhole(disk, path)?.toString('utf8').trim() ?? '';
  // What is wrong with it is not said: it may be most of one.
  if (!SECRET.test(secret)) throw new Error(`${path} is missing, or holds no secret of a cluster's nodes`);
  return new PeerSecret(secret);
}

/**
 * Makes the file with a new secret unless it has one. When this resolves it is on the device: nodes that are
 * started with a secret find it again after a power loss. An empty file is what a power loss left of one that
 * earlier releases did not sync; nobody can be running with it. Rejects with DiskError.
 */
export async function makePeerSecret(
  { disk, random }: { readonly disk: Disk; readonly random: Random },
  path: string,
): Promise<void> {
  if (readWhole(disk, path)?.length) return;
  const secret = Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url');
  await writeWhole(disk, path, Buffer.from(`${secret}\n`));
}
