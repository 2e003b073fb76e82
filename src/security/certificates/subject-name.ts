import { DerError } from './der.ts';
import { subjectOf } from './read-certificate.ts';
import { x500Name } from './x500-name.ts';

/**
 * The subject of a certificate (DER) as Java's `X500Principal.getName()` writes it; null when it is no name
 * that can be read. TLS takes such certificates, and whoever has one of a CA that is believed can show it.
 */
export function subjectName(certificate: Buffer): string | null {
  try {
    return x500Name(subjectOf(certificate));
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}
