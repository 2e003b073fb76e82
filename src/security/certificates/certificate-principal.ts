import { subjectOf } from './read-certificate.ts';
import { x500Name } from './x500-name.ts';

/** `User:` and the subject of a certificate (DER), as Kafka names the client that showed it. */
export function certificatePrincipal(certificate: Uint8Array): string {
  return `User:${x500Name(subjectOf(Buffer.from(certificate)))}`;
}
