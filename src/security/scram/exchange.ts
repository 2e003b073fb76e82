import { timingSafeEqual } from 'node:crypto';
import type { Random } from '../../base/random.ts';
import { hash, hmac, type ScramCredential } from './credential.ts';
import { ITERATIONS_MIN, type ScramMechanism } from './mechanism.ts';

/**
 * What Kafka takes by default, and far more than a client says; of messages of many megabytes regular
 * expressions are not safe.
 */
const MESSAGE_BYTES_MAX = 512 * 1024;
const NONCE_BYTES = 24;
const SALT_BYTES = 24;

const SASL_NAME = '(?:[\\x01-\\x2b\\x2d-\\x3c\\x3e-\\x7f]|[^\\x00-\\x7f]|=2C|=3D)+';
const PRINTABLE = '[\\x21-\\x2b\\x2d-\\x7e]+';
const EXTENSIONS = '(?:,[A-Za-z]+=[^,\\x00]+)*';
const CLIENT_FIRST = new RegExp(
  `^(n,(?:a=(?<authorizationId>${SASL_NAME}))?,)(?<bare>n=(?<name>${SASL_NAME}),r=(?<nonce>${PRINTABLE})(?<extensions>${EXTENSIONS}))$`,
  'u',
);
const CLIENT_FINAL = new RegExp(
  `^(?<withoutProof>c=(?<channel>[A-Za-z0-9+/=]+),r=(?<nonce>${PRINTABLE})${EXTENSIONS}),p=(?<proof>[A-Za-z0-9+/]+={0,2})$`,
  'u',
);

/**
 * The next message to the client; with the user once both sides have proved themselves; or that it ends here.
 */
export type ScramStep = { readonly reply: Buffer; readonly user: string | null } | { readonly failed: true };

/** What an exchange works with. */
export interface ScramOptions {
  readonly random: Random;
  /** Undefined for a user that does not exist. */
  readonly credential: (user: string) => ScramCredential | undefined;
  /**
   * Of this installation: the salts of users that do not exist come from it, so that they look like others
   * and stay the same.
   */
  readonly secret: Uint8Array;
}

/**
 * The server's side of one SCRAM authentication (RFC 5802), without channel binding. Whoever fails learns
 * only that: a user that does not exist is asked for a proof like any other.
 */
export class ScramExchange {
  readonly #mechanism: ScramMechanism;
  readonly #options: ScramOptions;
  #first: { readonly user: string; readonly message: string; readonly nonce: string } | null = null;
  #credential: ScramCredential | undefined;
  #isOver = false;

  constructor(mechanism: ScramMechanism, options: ScramOptions) {
    this.#mechanism = mechanism;
    this.#options = options;
  }

  step(message: Buffer): ScramStep {
    if (this.#isOver || message.length > MESSAGE_BYTES_MAX) {
      this.#isOver = true;
      return { failed: true };
    }
    const text = message.toString('utf8');
    const step = this.#first === null ? this.#begin(text) : this.#end(text, this.#first);
    if ('failed' in step || step.user !== null) this.#isOver = true;
    return step;
  }

  #begin(text: string): ScramStep {
    const { bare, name, nonce, authorizationId, extensions } = CLIENT_FIRST.exec(text)?.groups ?? {};
    if (bare === undefined || name === undefined || nonce === undefined) return { failed: true };
    // The client signs with a delegation token instead of a password.
    if (extensions?.includes(',tokenauth=true')) return { failed: true };
    const user = name.replaceAll('=2C', ',').replaceAll('=3D', '=');
    if (authorizationId !== undefined && authorizationId !== name) return { failed: true };
    this.#credential = this.#options.credential(user);
    const { salt, iterations } = this.#credential ?? this.#invented(user);
    const whole = nonce + Buffer.from(this.#options.random.bytes(NONCE_BYTES)).toString('base64url');
    const reply = `r=${whole},s=${salt.toString('base64')},i=${iterations}`;
    this.#first = { user, message: `${bare},${reply}`, nonce: whole };
    return { reply: Buffer.from(reply), user: null };
  }

  #end(
    text: string,
    first: { readonly user: string; readonly message: string; readonly nonce: string },
  ): ScramStep {
    const { withoutProof, channel, nonce, proof } = CLIENT_FINAL.exec(text)?.groups ?? {};
    // librdkafka puts its own nonce before the whole one, and Kafka lets it.
    if (withoutProof === undefined || !nonce?.endsWith(first.nonce) || proof === undefined)
      return { failed: true };
    // The header of the first message: n, and perhaps an authorization id.
    if (
      !Buffer.from(channel ?? '', 'base64')
        .toString('utf8')
        .startsWith('n,')
    )
      return { failed: true };
    const credential = this.#credential;
    const storedKey = credential?.storedKey ?? Buffer.alloc(this.#mechanism.bytes);
    const signed = `${first.message},${withoutProof}`;
    const signature = hmac(this.#mechanism, storedKey, signed);
    const clientKey = xor(signature, Buffer.from(proof, 'base64'));
    const isProved = clientKey !== null && timingSafeEqual(hash(this.#mechanism, clientKey), storedKey);
    if (!isProved || !credential) return { failed: true };
    const verifier = hmac(this.#mechanism, credential.serverKey, signed).toString('base64');
    return { reply: Buffer.from(`v=${verifier}`), user: first.user };
  }

  #invented(user: string): { readonly salt: Buffer; readonly iterations: number } {
    const salt = hmac(this.#mechanism, this.#options.secret, user).subarray(0, SALT_BYTES);
    return { salt, iterations: ITERATIONS_MIN };
  }
}

/** Null when they are not of one length. */
function xor(a: Buffer, b: Buffer): Buffer | null {
  if (a.length !== b.length) return null;
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] ?? 0)));
}
