import { createPrivateKey, sign } from 'node:crypto';
import type { TlsIdentity } from '../../../base/tls.ts';
import { bitString, der, objectIdentifier, readDer, sequence, tags } from '../der.ts';
import { derOf, pemOf } from '../pem.ts';

/** Where the subject is among the fields that are signed (RFC 5280, section 4.1). */
const SUBJECT = 5;

/** The same certificate with another subject (DER of its name), signed by its CA again. */
export function renamed({ certificate, key }: TlsIdentity, ca: TlsIdentity, subject: Buffer): TlsIdentity {
  const [whole] = readDer(derOf(certificate));
  const [toBeSigned, algorithm] = readDer(whole?.content ?? Buffer.alloc(0));
  const fields = [...readDer(toBeSigned?.content ?? Buffer.alloc(0))].map(({ whole: field }) => field);
  const changed = sequence(...fields.map((field, i) => (i === SUBJECT ? subject : field)));
  const signature = bitString(sign('sha256', changed, createPrivateKey(ca.key)));
  const signed = sequence(changed, algorithm?.whole ?? Buffer.alloc(0), signature);
  return { certificate: pemOf(signed), key };
}

const COMMON_NAME = sequence(objectIdentifier('2.5.4.3'), der(tags.utf8String, Buffer.from('alice')));
/** Of 31 bytes, where no identifier has more than 19. */
const LONG_ARC = Buffer.from([0x2b, ...new Array<number>(30).fill(0xff), 0x01]);

/** Subjects that OpenSSL takes, and that are no names to us. */
export const unreadableSubjects: readonly (readonly [string, Buffer])[] = [
  [
    'has an identifier with a number of 200 bits',
    sequence(
      der(tags.set, COMMON_NAME),
      der(tags.set, sequence(der(tags.objectIdentifier, LONG_ARC), der(tags.utf8String, Buffer.from('x')))),
    ),
  ],
  [
    'does not say its length',
    Buffer.concat([Buffer.from([tags.sequence, 0x80]), der(tags.set, COMMON_NAME), Buffer.from([0, 0])]),
  ],
];
