import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import type { ScramMechanism } from './mechanism.ts';

/**
 * What is kept of a password. It proves who knows the password, and does not tell it (RFC 5802, section 3).
 */
export interface ScramCredential {
  readonly salt: Buffer;
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** `saltedPassword`: Hi(password, salt, iterations), as clients send it in AlterUserScramCredentials. */
export function credentialOf(
  mechanism: ScramMechanism,
  salted: { readonly salt: Buffer; readonly iterations: number; readonly saltedPassword: Buffer },
): ScramCredential {
  const { salt, iterations, saltedPassword } = salted;
  return {
    salt,
    iterations,
    storedKey: hash(mechanism, hmac(mechanism, saltedPassword, 'Client Key')),
    serverKey: hmac(mechanism, saltedPassword, 'Server Key'),
  };
}

/** Takes milliseconds of processor time: not for the path of a request. */
export function saltPassword(
  mechanism: ScramMechanism,
  password: string,
  { salt, iterations }: { readonly salt: Buffer; readonly iterations: number },
): Buffer {
  return pbkdf2Sync(password, salt, iterations, mechanism.bytes, mechanism.hash);
}

export function hmac({ hash: name }: ScramMechanism, key: Uint8Array, text: string): Buffer {
  return createHmac(name, key).update(text, 'utf8').digest();
}

export function hash({ hash: name }: ScramMechanism, bytes: Uint8Array): Buffer {
  return createHash(name).update(bytes).digest();
}
