import { X509Certificate } from 'node:crypto';
import type { TlsIdentity } from '../../base/tls.ts';
import type { World } from '../../base/world.ts';
import { keptLeaf } from './kept-leaf.ts';
import { certificatesIn } from './pem.ts';

/**
 * A server's certificate for these names, signed by a CA that was given: the one that is there, when it is
 * good for some months more, or a new one. With it are the CAs between it and the root, which clients must be
 * shown; a root that signs itself is what they have.
 */
export function givenLeaf(
  world: Pick<World, 'clock' | 'random'>,
  authority: TlsIdentity,
  names: readonly string[],
  there: TlsIdentity | null,
): TlsIdentity {
  const leaf = keptLeaf(world, authority, { names, purposes: ['server'] }, there);
  const [first = ''] = certificatesIn(leaf.certificate);
  const between = certificatesIn(authority.certificate).filter((one) => !isRoot(one));
  const certificate = [first, ...between].join('');
  return leaf === there && there.certificate === certificate ? there : { certificate, key: leaf.key };
}

function isRoot(pem: string): boolean {
  const certificate = new X509Certificate(pem);
  return certificate.checkIssued(certificate);
}
