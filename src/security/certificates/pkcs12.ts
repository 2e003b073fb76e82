import { createHash, createHmac, createPrivateKey } from 'node:crypto';
import type { Random } from '../../base/random.ts';
import type { TlsIdentity } from '../../base/tls.ts';
import { context, der, objectIdentifier, sequence, smallInteger, tags } from './der.ts';
import { encryptByPassword, ITERATIONS, SALT_BYTES } from './password-encryption.ts';
import { certificatesIn, derOf } from './pem.ts';

/** PKCS#12 files (RFC 7292) with the algorithms that keytool of JDK 17 writes. */

const SHORTEST_PASSWORD = 6;
/** What readers of all kinds make the same bytes of. */
const PASSWORD = /^[\x20-\x7e]+$/;

const oids = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  /** Java takes a certificate for an entry of its own where it has this attribute. */
  trustedKeyUsage: '2.16.840.1.113894.746875.1.1',
  anyExtendedKeyUsage: '2.5.29.37.0',
  sha256: '2.16.840.1.101.3.4.2.1',
};

/** What a file is sealed with: a password that `wrongPkcs12Password` finds right, and the source of salts. */
export interface Pkcs12Seal {
  readonly random: Pick<Random, 'bytes'>;
  readonly password: string;
}

/** Why a password does not fit, as a sentence; null when it does. */
export function wrongPkcs12Password(password: string): string | null {
  if (!PASSWORD.test(password))
    return 'A password of a PKCS#12 file has printable characters of ASCII alone.';
  if (password.length < SHORTEST_PASSWORD)
    return `A password of a PKCS#12 file has at least ${SHORTEST_PASSWORD} characters: keytool takes no shorter one.`;
  return null;
}

/** All certificates of a PEM text, as what Java trusts: `alias`, then `alias-2`, `alias-3` … */
export function truststore(seal: Pkcs12Seal, alias: string, certificates: string): Buffer {
  const bags = certificatesIn(certificates).map((pem, index) =>
    certificateBag(
      pem,
      attribute(oids.friendlyName, bmpString(index === 0 ? alias : `${alias}-${index + 1}`)),
      attribute(oids.trustedKeyUsage, objectIdentifier(oids.anyExtendedKeyUsage)),
    ),
  );
  return pkcs12(seal, encryptedData(seal, sequence(...bags)));
}

/**
 * A private key with its certificate and those up to the root, in that order in the PEM text; one entry,
 * `alias`.
 */
export function keystore(seal: Pkcs12Seal, alias: string, { certificate, key }: TlsIdentity): Buffer {
  const [own = '', ...chain] = certificatesIn(certificate);
  const names = [
    attribute(oids.friendlyName, bmpString(alias)),
    attribute(oids.localKeyId, der(tags.octetString, createHash('sha256').update(derOf(own)).digest())),
  ];
  const bags = [certificateBag(own, ...names), ...chain.map((pem) => certificateBag(pem))];
  const privateKey = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' });
  const { algorithm, content } = encryptByPassword(seal.random, seal.password, privateKey);
  const shrouded = sequence(algorithm, der(tags.octetString, content));
  return pkcs12(
    seal,
    encryptedData(seal, sequence(...bags)),
    data(sequence(bag(oids.shroudedKeyBag, shrouded, names))),
  );
}

/** RFC 7292, section 4: the parts, and what proves that whoever made them knew the password. */
function pkcs12({ random, password }: Pkcs12Seal, ...parts: readonly Buffer[]): Buffer {
  const safe = sequence(...parts);
  const salt = random.bytes(SALT_BYTES);
  const digest = createHmac('sha256', macKey(password, salt)).update(safe).digest();
  const digestInfo = sequence(
    sequence(objectIdentifier(oids.sha256), der(tags.null)),
    der(tags.octetString, digest),
  );
  return sequence(
    smallInteger(3),
    data(safe),
    sequence(digestInfo, der(tags.octetString, salt), smallInteger(ITERATIONS)),
  );
}

function data(content: Buffer): Buffer {
  return sequence(objectIdentifier(oids.data), context(0, true, der(tags.octetString, content)));
}

function encryptedData({ random, password }: Pkcs12Seal, plain: Buffer): Buffer {
  const { algorithm, content } = encryptByPassword(random, password, plain);
  const encrypted = sequence(objectIdentifier(oids.data), algorithm, context(0, false, content));
  const whole = sequence(smallInteger(0), encrypted);
  return sequence(objectIdentifier(oids.encryptedData), context(0, true, whole));
}

function certificateBag(pem: string, ...attributes: readonly Buffer[]): Buffer {
  const value = context(0, true, der(tags.octetString, derOf(pem)));
  return bag(oids.certificateBag, sequence(objectIdentifier(oids.x509Certificate), value), attributes);
}

function bag(oid: string, value: Buffer, attributes: readonly Buffer[]): Buffer {
  return sequence(
    objectIdentifier(oid),
    context(0, true, value),
    ...(attributes.length > 0 ? [der(tags.set, ...attributes.toSorted(Buffer.compare))] : []),
  );
}

function attribute(oid: string, value: Buffer): Buffer {
  return sequence(objectIdentifier(oid), der(tags.set, value));
}

/** Two bytes a character, the higher first. */
function bmpString(text: string): Buffer {
  return der(tags.bmpString, Buffer.from(text, 'utf16le').swap16());
}

const MAC_KEY_ID = 3;
const BLOCK_BYTES = 64;

/** RFC 7292, appendix B.2, for SHA-256, of which one round gives the whole key. */
function macKey(password: string, salt: Uint8Array): Buffer {
  const characters = Buffer.from(`${password}\0`, 'utf16le').swap16();
  let key = Buffer.concat([Buffer.alloc(BLOCK_BYTES, MAC_KEY_ID), blocks(salt), blocks(characters)]);
  for (let left = ITERATIONS; left > 0; left--) key = createHash('sha256').update(key).digest();
  return key;
}

/** Repeated up to whole blocks. */
function blocks(bytes: Uint8Array): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / BLOCK_BYTES) * BLOCK_BYTES, bytes);
}
