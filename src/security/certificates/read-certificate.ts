import { DerError, type DerValue, readDer, tags } from './der.ts';

/** The subject of a certificate (DER), as the DER of its name; throws a DerError when it is no certificate. */
export function subjectOf(certificate: Buffer): Buffer {
  return field(certificate, 4).whole;
}

/** The last moment at which a certificate (DER) is valid, in milliseconds since 1970. Throws a DerError when it is no certificate. */
export function validUntil(certificate: Buffer): number {
  const [, until] = readDer(field(certificate, 3).content);
  const digits = until?.content.toString('latin1') ?? '';
  // UTCTime has two digits for years from 1950 to 2049 (RFC 5280, 4.1.2.5.1).
  const full =
    until?.tag === tags.utcTime ? `${Number(digits.slice(0, 2)) < 50 ? '20' : '19'}${digits}` : digits;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full)?.slice(1);
  if (!parts) throw new DerError('a certificate without a time');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  // biome-ignore lint/style/noRestrictedGlobals: it reads a time that is written, and no clock.
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** A field of what is signed, counted from the serial number. */
function field(certificate: Buffer, index: number): DerValue {
  const [whole] = readDer(certificate);
  const [toBeSigned] = readDer(whole?.content ?? Buffer.alloc(0));
  const fields: readonly DerValue[] = [...readDer(toBeSigned?.content ?? Buffer.alloc(0))];
  // Version 1 does not say so; the later ones do, in a field of their own.
  const first = fields[0]?.tag === 0xa0 ? 1 : 0;
  const found = fields[first + index];
  if (!found) throw new DerError('a certificate without all of its fields');
  return found;
}
