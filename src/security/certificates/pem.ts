import { DerError } from './der.ts';

const LINE = 64;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/;

/** A certificate as PEM text. */
export function pemOf(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** The first certificate of a PEM text; throws a DerError when there is none. */
export function derOf(pem: string): Buffer {
  const body = CERTIFICATE.exec(pem)?.[1];
  if (body === undefined) throw new DerError('there is no certificate in the PEM text');
  return Buffer.from(body, 'base64');
}
