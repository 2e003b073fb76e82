import { type PrincipalMapping, unmapped } from './principal-mapping.ts';
import { subjectName } from './subject-name.ts';

/**
 * `User:` and what a mapping makes of the subject of a certificate (DER), as Kafka names the client that
 * showed it; null for nobody.
 */
export function certificatePrincipal(
  certificate: Uint8Array,
  mapping: PrincipalMapping = unmapped,
): string | null {
  const subject = subjectName(Buffer.from(certificate));
  const name = subject === null ? null : mapping.nameOf(subject);
  return name === null ? null : `User:${name}`;
}
