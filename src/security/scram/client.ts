import { timingSafeEqual } from 'node:crypto';
import type { Random } from '../../base/random.ts';
import { hash, hmac } from './credential.ts';
import type { ScramMechanism } from './mechanism.ts';

const NONCE_BYTES = 24;
const SERVER_FIRST =
  /^r=(?<nonce>[\x21-\x2b\x2d-\x7e]+),s=(?<salt>[A-Za-z0-9+/]+={0,2}),i=(?<iterations>\d{1,6})$/;

/** The server said what it should not say, or does not know the secret. */
export class ScramError extends Error {}

/** What a client signs in with. */
export interface ScramLogin {
  /** Without `,` and `=`, which would have to be escaped. */
  readonly user: string;
  /** Hi(password, salt, iterations); throws a ScramError for what it does not want to compute. */
  readonly saltedPassword: (salt: Buffer, iterations: number) => Buffer;
}

/**
 * The client's side of one SCRAM authentication (RFC 5802), without channel binding: three messages, in this
 * order.
 */
export class ScramClient {
  readonly #mechanism: ScramMechanism;
  readonly #login: ScramLogin;
  readonly #nonce: string;
  #verifier: Buffer | null = null;

  constructor(mechanism: ScramMechanism, login: ScramLogin, random: Random) {
    this.#mechanism = mechanism;
    this.#login = login;
    this.#nonce = Buffer.from(random.bytes(NONCE_BYTES)).toString('base64url');
  }

  first(): Buffer {
    return Buffer.from(`n,,${this.#bare}`);
  }

  /** The proof, after the server's first message. */
  proof(serverFirst: Buffer): Buffer {
    const text = serverFirst.toString('utf8');
    const { nonce, salt, iterations } = SERVER_FIRST.exec(text)?.groups ?? {};
    if (!nonce?.startsWith(this.#nonce) || nonce === this.#nonce || salt === undefined)
      throw new ScramError('the first message of the server is none of SCRAM');
    const mechanism = this.#mechanism;
    const salted = this.#login.saltedPassword(Buffer.from(salt, 'base64'), Number(iterations));
    // `biws` is `n,,`, the header of the first message.
    const withoutProof = `c=biws,r=${nonce}`;
    const signed = `${this.#bare},${text},${withoutProof}`;
    const clientKey = hmac(mechanism, salted, 'Client Key');
    const signature = hmac(mechanism, hash(mechanism, clientKey), signed);
    this.#verifier = hmac(mechanism, hmac(mechanism, salted, 'Server Key'), signed);
    const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0)));
    return Buffer.from(`${withoutProof},p=${proof.toString('base64')}`);
  }

  /** Throws a ScramError when the server's last message does not prove that it knows the secret, too. */
  verify(serverFinal: Buffer): void {
    const verifier = this.#verifier;
    const given = Buffer.from(
      /^v=([A-Za-z0-9+/]+={0,2})$/.exec(serverFinal.toString('utf8'))?.[1] ?? '',
      'base64',
    );
    if (!verifier || given.length !== verifier.length || !timingSafeEqual(given, verifier))
      throw new ScramError('the server does not prove that it knows the secret');
  }

  get #bare(): string {
    return `n=${this.#login.user},r=${this.#nonce}`;
  }
}
