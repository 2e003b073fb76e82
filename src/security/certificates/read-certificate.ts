import { DerError, type DerValue, dottedIdentifier, readDer, tags } from './der.ts';

const SUBJECT_KEY_ID = '2.5.29.14';
/** The tag of the field with the extensions: `[3]`. */
const EXTENSIONS = 0xa3;

/**
 * The subject of a certificate (DER), as the DER of its name; throws a DerError when it is no certificate.
 */
export function subjectOf(certificate: Buffer): Buffer {
  return field(certificate, 4).whole;
}

/**
 * The last moment at which a certificate (DER) is valid, in milliseconds since 1970. Throws a DerError when
 * it is no certificate.
 */
export function validUntil(certificate: Buffer): number {
  const [, until] = readDer(field(certificate, 3).content);
  return timeOf(until);
}

/** The first one. */
export function validFrom(certificate: Buffer): number {
  const [from] = readDer(field(certificate, 3).content);
  return timeOf(from);
}

function timeOf(value: DerValue | undefined): number {
  const digits = value?.content.toString('latin1') ?? '';
  // UTCTime has two digits for years from 1950 to 2049 (RFC 5280, 4.1.2.5.1).
  const full =
    value?.tag === tags.utcTime ? `${Number(digits.slice(0, 2)) < 50 ? '20' : '19'}${digits}` : digits;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full)?.slice(1);
  if (!parts) throw new DerError('a certificate without a time');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map(Number);
  // biome-ignore lint/style/noRestrictedGlobals: it reads a time that is written, and no clock.
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/**
 * The identifier of a certificate's own key, as its extension has it (RFC 5280, 4.2.1.2); null where there is
 * none. Throws a DerError when it is no certificate.
 */
export function subjectKeyIdOf(certificate: Buffer): Buffer | null {
  for (const { tag, content } of fieldsOf(certificate)) {
    if (tag !== EXTENSIONS) continue;
    const [list] = readDer(content);
    for (const extension of readDer(list?.content ?? Buffer.alloc(0))) {
      const [oid, ...rest] = readDer(extension.content);
      if (!oid || dottedIdentifier(oid.content) !== SUBJECT_KEY_ID) continue;
      const [value] = readDer(rest.at(-1)?.content ?? Buffer.alloc(0));
      return value?.content ?? null;
    }
  }
  return null;
}

/** A field of what is signed, counted from the serial number. */
function field(certificate: Buffer, index: number): DerValue {
  const fields = fieldsOf(certificate);
  // Version 1 does not say so; the later ones do, in a field of their own.
  const first = fields[0]?.tag === 0xa0 ? 1 : 0;
  const found = fields[first + index];
  if (!found) throw new DerError('a certificate without all of its fields');
  return found;
}

function fieldsOf(certificate: Buffer): readonly DerValue[] {
  const [whole] = readDer(certificate);
  const [toBeSigned] = readDer(whole?.content ?? Buffer.alloc(0));
  return [...readDer(toBeSigned?.content ?? Buffer.alloc(0))];
}
