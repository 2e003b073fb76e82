import { DerError, type DerValue, readDer } from './der.ts';

/** The subject of a certificate (DER), as the DER of its name; throws a DerError when it is no certificate. */
export function subjectOf(certificate: Buffer): Buffer {
  const [whole] = readDer(certificate);
  const [toBeSigned] = readDer(whole?.content ?? Buffer.alloc(0));
  const fields: readonly DerValue[] = [...readDer(toBeSigned?.content ?? Buffer.alloc(0))];
  // Version 1 does not say so; the later ones do, in a field of their own.
  const first = fields[0]?.tag === 0xa0 ? 1 : 0;
  const subject = fields[first + 4];
  if (!subject) throw new DerError('a certificate without a subject');
  return subject.whole;
}
