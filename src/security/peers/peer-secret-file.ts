import { type Disk, readWhole } from '../../base/disk.ts';
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

/** Makes the file with a new secret unless it is there; a crash leaves it whole or not at all. */
export function makePeerSecret(
  { disk, random }: { readonly disk: Disk; readonly random: Random },
  path: string,
): void {
  if (disk.exists(path)) return;
  const draft = `${path}.new`;
  if (disk.exists(draft)) disk.remove(draft);
  const file = disk.open(draft, 'create');
  try {
    file.writeNow(0, Buffer.from(`${Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url')}\n`));
  } finally {
    file.close();
  }
  disk.rename(draft, path);
}
