import { type KeyObject, X509Certificate } from 'node:crypto';
import { DerError } from './der.ts';

const LINE = 64;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/;

const EVERY_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** A certificate as PEM text. */
export function pemOf(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** Every certificate of a PEM text, each as PEM text that ends with a line end. */
export function certificatesIn(pem: string): string[] {
  return (pem.match(EVERY_CERTIFICATE) ?? []).map((block) => `${block}\n`);
}

/** Whether a PEM text has certificates, all of which can be read. */
export function isPemOfCertificates(pem: string): boolean {
  const all = certificatesIn(pem);
  try {
    for (const certificate of all) new X509Certificate(certificate);
  } catch {
    return false;
  }
  return all.length > 0;
}

/**
 * Whether a certificate of one PEM text has the key of one of the other: the same CA, whatever its
 * certificate says.
 */
export function sharesKey(one: string, other: string): boolean {
  const keys = publicKeysIn(other);
  return publicKeysIn(one).some((key) => keys.some((their) => their.equals(key)));
}

export function publicKeysIn(pem: string): KeyObject[] {
  return certificatesIn(pem).map((certificate) => new X509Certificate(certificate).publicKey);
}

/** The first certificate of a PEM text; throws a DerError when there is none. */
export function derOf(pem: string): Buffer {
  const body = CERTIFICATE.exec(pem)?.[1];
  if (body === undefined) throw new DerError('there is no certificate in the PEM text');
  return Buffer.from(body, 'base64');
}
