import { X509Certificate } from 'node:crypto';
import { assert } from '../../base/assert.ts';
import type { TlsIdentity } from '../../base/tls.ts';
import type { World } from '../../base/world.ts';
import { issue, type Purpose, purposeOids } from './certificate.ts';
import { derOf } from './pem.ts';
import { validUntil } from './read-certificate.ts';

/** A leaf is valid for 396 days, and exchanged when a third of that is left. */
const RENEW_BEFORE_MS = 132 * 86_400_000;

/** Whose certificate is wanted, and what for. */
export interface WantedLeaf {
  /** At least one. */
  readonly names: readonly string[];
  readonly purposes: readonly Purpose[];
}

/**
 * A certificate for these names: the one that is there, when this CA signed it for the same purposes and it
 * is good for some months more, or a new one.
 */
export function keptLeaf(
  world: Pick<World, 'clock' | 'random'>,
  ca: TlsIdentity,
  wanted: WantedLeaf,
  there: TlsIdentity | null,
): TlsIdentity {
  if (there && isGood(world, ca, wanted, there)) return there;
  const { names, purposes } = wanted;
  const [commonName] = names;
  assert(commonName !== undefined, 'a certificate has a name');
  return issue(world, ca, { commonName, dnsNames: names, purposes });
}

function isGood(
  { clock }: Pick<World, 'clock'>,
  ca: TlsIdentity,
  { names, purposes }: WantedLeaf,
  { certificate }: TlsIdentity,
): boolean {
  const leaf = read(certificate);
  return (
    leaf !== null &&
    names.every((name) => leaf.checkHost(name) === name) &&
    isFor(leaf, purposes) &&
    isGoodFor(leaf.raw, ca, clock.now()) &&
    leaf.verify(new X509Certificate(ca.certificate).publicKey)
  );
}

/** For some months, or for as long as its CA, which gives it no more. */
function isGoodFor(leaf: Buffer, ca: TlsIdentity, now: number): boolean {
  const until = validUntil(leaf);
  return until - now > RENEW_BEFORE_MS || until === validUntil(derOf(ca.certificate));
}

function isFor({ keyUsage }: X509Certificate, purposes: readonly Purpose[]): boolean {
  // Node's name of the extended key usage; undefined where there is none.
  const usage: readonly string[] | undefined = keyUsage;
  return usage?.join() === purposes.map((purpose) => purposeOids[purpose]).join();
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
