import { X509Certificate } from 'node:crypto';
import type { TlsIdentity } from '../../base/tls.ts';
import type { World } from '../../base/world.ts';
import { issue } from './certificate.ts';
import { validUntil } from './read-certificate.ts';

/** A leaf is valid for 396 days, and exchanged when a third of that is left. */
const RENEW_BEFORE_MS = 132 * 86_400_000;

/** A server's certificate for this name: the one that is there, when this CA signed it and it is good for some months more, or a new one. */
export function keptLeaf(
  world: Pick<World, 'clock' | 'random'>,
  ca: TlsIdentity,
  name: string,
  there: TlsIdentity | null,
): TlsIdentity {
  if (there && isGood(world, ca, name, there)) return there;
  return issue(world, ca, { commonName: name, dnsNames: [name], purposes: ['server'] });
}

function isGood(
  { clock }: Pick<World, 'clock'>,
  ca: TlsIdentity,
  name: string,
  { certificate }: TlsIdentity,
): boolean {
  const leaf = read(certificate);
  return (
    leaf !== null &&
    leaf.checkHost(name) === name &&
    validUntil(leaf.raw) - clock.now() > RENEW_BEFORE_MS &&
    leaf.verify(new X509Certificate(ca.certificate).publicKey)
  );
}

/** Null when it is no certificate: what lies in a folder may have been damaged. */
function read(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
