import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../../base/random.ts';

/**
 * What temporary credentials are, sealed into their session token: brokers verify them without being told of
 * each.
 */
export interface TemporaryCredentials {
  /** `ASIA…`, 20 characters. */
  readonly accessKeyId: string;
  readonly secret: string;
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`; of GetSessionToken the ARN of the user. */
  readonly principalArn: string;
  /** Of the role or user whose policies count. */
  readonly identityArn: string;
  /** Its id (`AROA…`, `AIDA…`): of one that was deleted and made again the session is not. */
  readonly identityId: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** JSON text of the policy that the session is limited to besides; null when it is not. */
  readonly sessionPolicy: string | null;
}

/**
 * Longer ones are refused before anything is computed. A session policy has at most 2,048 characters, and
 * each of its characters at most four bytes.
 */
const TOKEN_CHARACTERS_MAX = 16_384;
const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** The tokens of another use of the key, if there will be one, are none of these. */
const PURPOSE = Buffer.from('millrace session token 1');
const TOKEN = /^[A-Za-z0-9_-]+$/;

/** The session token, in the alphabet of base64url. `key`: 32 bytes. */
export function sealSessionToken(credentials: TemporaryCredentials, key: Buffer, random: Random): string {
  const { accessKeyId, secret, principalArn, identityArn, identityId, expiresAt, sessionPolicy } =
    credentials;
  const text = JSON.stringify({
    accessKeyId,
    secret,
    principalArn,
    identityArn,
    identityId,
    expiresAt,
    sessionPolicy,
  });
  const nonce = Buffer.from(random.bytes(NONCE_BYTES));
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(PURPOSE);
  const sealed = [cipher.update(text, 'utf8'), cipher.final()];
  return Buffer.concat([nonce, ...sealed, cipher.getAuthTag()]).toString('base64url');
}

/** What a session token says; null when it was not sealed with this key. Whether it is over is not asked. */
export function openSessionToken(token: string, key: Buffer): TemporaryCredentials | null {
  if (token.length > TOKEN_CHARACTERS_MAX || !TOKEN.test(token)) return null;
  const bytes = Buffer.from(token, 'base64url');
  // The last character of base64url has bits that mean nothing; there is one token for one session.
  if (bytes.toString('base64url') !== token || bytes.length <= NONCE_BYTES + TAG_BYTES) return null;
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(PURPOSE).setAuthTag(bytes.subarray(-TAG_BYTES));
  let text: string;
  try {
    text = Buffer.concat([
      decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)),
      decipher.final(),
    ]).toString('utf8');
  } catch {
    return null;
  }
  return credentialsIn(JSON.parse(text));
}

/** What is sealed with the key is ours; a release that says more or less of a session is not guessed at. */
function credentialsIn(value: unknown): TemporaryCredentials | null {
  const fields = new Map<string, unknown>(Object.entries(value ?? {}));
  const text = (name: string): string => {
    const field = fields.get(name);
    return typeof field === 'string' ? field : '';
  };
  const [expiresAt, sessionPolicy] = [fields.get('expiresAt'), fields.get('sessionPolicy')];
  if (typeof expiresAt !== 'number') return null;
  if (sessionPolicy !== null && typeof sessionPolicy !== 'string') return null;
  const texts = {
    accessKeyId: text('accessKeyId'),
    secret: text('secret'),
    principalArn: text('principalArn'),
    identityArn: text('identityArn'),
    identityId: text('identityId'),
  };
  const isWhole = Object.values(texts).every((one) => one !== '');
  return isWhole && fields.size === Object.keys(texts).length + 2
    ? { ...texts, expiresAt, sessionPolicy }
    : null;
}
