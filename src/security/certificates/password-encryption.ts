import { createCipheriv, pbkdf2Sync } from 'node:crypto';
import type { Random } from '../../base/random.ts';
import { der, objectIdentifier, sequence, smallInteger, tags } from './der.ts';

/** As keytool of JDK 17 has it: every start of a Java client waits for them. */
export const ITERATIONS = 10_000;
export const SALT_BYTES = 20;
const KEY_BYTES = 32;
const IV_BYTES = 16;

const oids = {
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacWithSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
};

/** What was encrypted, and how. */
export interface Encrypted {
  /** The AlgorithmIdentifier. */
  readonly algorithm: Buffer;
  readonly content: Buffer;
}

/** PBES2 (RFC 8018, section 6.2): PBKDF2 with HMAC-SHA-256, and AES-256-CBC. */
export function encryptByPassword(
  random: Pick<Random, 'bytes'>,
  password: string,
  content: Uint8Array,
): Encrypted {
  const salt = random.bytes(SALT_BYTES);
  const iv = random.bytes(IV_BYTES);
  const key = pbkdf2Sync(password, salt, ITERATIONS, KEY_BYTES, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const derivation = sequence(
    der(tags.octetString, salt),
    smallInteger(ITERATIONS),
    smallInteger(KEY_BYTES),
    sequence(objectIdentifier(oids.hmacWithSha256), der(tags.null)),
  );
  return {
    algorithm: sequence(
      objectIdentifier(oids.pbes2),
      sequence(
        sequence(objectIdentifier(oids.pbkdf2), derivation),
        sequence(objectIdentifier(oids.aes256Cbc), der(tags.octetString, iv)),
      ),
    ),
    content: Buffer.concat([cipher.update(content), cipher.final()]),
  };
}
