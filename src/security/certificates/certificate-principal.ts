import { type PrincipalMapping, unmapped } from './principal-mapping.ts';
import { subjectOf } from './read-certificate.ts';
import { x500Name } from './x500-name.ts';

/**
 * `User:` and what a mapping makes of the subject of a certificate (DER), as Kafka names the client that
 * showed it; null for nobody.
 */
export function certificatePrincipal(
  certificate: Uint8Array,
  mapping: PrincipalMapping = unmapped,
): string | null {
  const name = mapping.nameOf(x500Name(subjectOf(Buffer.from(certificate))));
  return name === null ? null : `User:${name}`;
}
