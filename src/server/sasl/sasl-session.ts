import { sleep } from '../../base/clock.ts';
import type { World } from '../../base/world.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { saslHandshake } from '../../protocol/messages/17-sasl-handshake.ts';
import { apiVersions } from '../../protocol/messages/18-api-versions.ts';
import { saslAuthenticate } from '../../protocol/messages/36-sasl-authenticate.ts';
import type { IamIdentity } from '../../security/iam/directory.ts';
import { type SaslCredentials, type SaslExchange, type SignedIn, saslExchange } from './sasl-exchange.ts';

/** How clients of a listener sign in. */
export interface SaslOptions extends SaslCredentials {
  /** Whether clients that do not sign in are let in, too; by default they are not. */
  readonly isOptional?: boolean;
  /** sasl.server.max.receive.size: the largest request before anybody signed in, and during a sign-in. */
  readonly requestBytesMax: number;
  /** connections.max.reauth.ms: how long a session lasts; 0 for ever. */
  readonly maxReauthMs: number;
  /** connection.failed.authentication.delay.ms: how long the answer to a failed login waits. */
  readonly failureDelayMs: number;
}

/** Kafka's words, also where nobody signs in. */
export const AFTER_SIGN_IN = 'SaslAuthenticate request received after successful authentication';

type State =
  /** The client has not named its mechanism yet. */
  | { readonly kind: 'handshake' }
  | {
      readonly kind: 'exchange';
      readonly exchange: SaslExchange;
      /** The messages come without Kafka's headers: after SaslHandshake v0. */
      readonly isBare: boolean;
    }
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'failed' };

interface Identity extends SignedIn {
  readonly mechanism: string;
}

export type SaslAnswer =
  | { readonly authBytes: Buffer; readonly sessionLifetimeMs: number }
  | { readonly error: ErrorName; readonly message: string };

/**
 * As in Kafka, a session is renewed once in this time at most: each sign-in makes the server compute a proof.
 */
const AGAIN_AFTER_MS = 1000;

/** The sign-in of one connection (KIP-152), and its repetition when the session is over (KIP-368). */
export class SaslSession {
  readonly mechanisms: readonly string[];
  readonly requestBytesMax: number;
  readonly isOptional: boolean;
  readonly #world: Pick<World, 'clock' | 'random'>;
  readonly #options: SaslOptions;
  readonly #clientHost: string;
  #state: State = { kind: 'handshake' };
  #identity: Identity | null = null;
  /** On the monotonic clock. */
  #expiresAt = Number.POSITIVE_INFINITY;
  /** When the last sign-in after the first one began, on the same clock. */
  #againAt = Number.NEGATIVE_INFINITY;

  /** `clientHost`: the client's address. */
  constructor(world: Pick<World, 'clock' | 'random'>, options: SaslOptions, clientHost: string) {
    this.#world = world;
    this.#options = options;
    this.#clientHost = clientHost;
    this.mechanisms = options.mechanisms;
    this.requestBytesMax = options.requestBytesMax;
    this.isOptional = options.isOptional === true;
  }

  /** Who signed in; null before that. It does not change when the session is renewed. */
  get principal(): string | null {
    return this.#identity?.principal ?? null;
  }

  /** What was proved of who signed in by IAM, of the last sign-in; null for others. */
  get iam(): IamIdentity | null {
    return this.#identity?.iam ?? null;
  }

  /** Whether who signed in may not stay so: the key, user or role is not there any more. */
  get hasLapsed(): boolean {
    return this.#identity?.stands?.() === false;
  }

  /** Whether the client has named its mechanism, and the exchange of messages is not over. */
  get isUnderWay(): boolean {
    return this.#state.kind === 'exchange';
  }

  /** Whether the next frame is a message of the mechanism and no request. */
  get expectsBareMessage(): boolean {
    return this.#state.kind === 'exchange' && this.#state.isBare;
  }

  /** Nothing may follow what was answered last. */
  get isOver(): boolean {
    return this.#state.kind === 'failed';
  }

  /** Whether a request may be looked at in this state; one that may not ends its connection. */
  admits(apiKey: number): boolean {
    const isSignIn = apiKey === saslHandshake.key || apiKey === saslAuthenticate.key;
    switch (this.#state.kind) {
      case 'handshake':
        return this.isOptional || apiKey === saslHandshake.key || apiKey === apiVersions.key;
      case 'exchange':
        return apiKey === saslAuthenticate.key;
      case 'authenticated':
        return isSignIn || this.#world.clock.monotonic() < this.#expiresAt;
      case 'failed':
        return false;
    }
  }

  /**
   * Null when the mechanism is one that may be used; anything else ends the sign-in, except for a session
   * that lasts for ever, or that was renewed within a second: it stays as it is.
   */
  handshake(name: string, isBare: boolean): ErrorName | null {
    if (this.#state.kind === 'authenticated' && !this.#mayRenew()) return 'ILLEGAL_SASL_STATE';
    if (this.#state.kind === 'exchange') return this.#fail('ILLEGAL_SASL_STATE').error;
    const { random } = this.#world;
    const exchange = saslExchange(name, this.#options, { random, clientHost: this.#clientHost });
    if (!exchange) return this.#fail('UNSUPPORTED_SASL_MECHANISM').error;
    this.#state = { kind: 'exchange', exchange, isBare };
    return null;
  }

  #mayRenew(): boolean {
    const now = this.#world.clock.monotonic();
    if (!Number.isFinite(this.#expiresAt) || now - this.#againAt < AGAIN_AFTER_MS) return false;
    this.#againAt = now;
    return true;
  }

  /**
   * One message of the mechanism. After an error the connection has to end where this is over. Resolves late
   * when the login failed.
   */
  async authenticate(message: Buffer): Promise<SaslAnswer> {
    if (this.#state.kind === 'authenticated') return { error: 'ILLEGAL_SASL_STATE', message: AFTER_SIGN_IN };
    if (this.#state.kind !== 'exchange') return this.#fail('ILLEGAL_SASL_STATE');
    const { exchange } = this.#state;
    const { mechanism } = exchange;
    const before = this.#identity;
    if (before !== null && before.mechanism !== mechanism)
      return this.#fail(
        'SASL_AUTHENTICATION_FAILED',
        `SASL mechanism '${mechanism}' requested by client is not supported for re-authentication of mechanism '${before.mechanism}'`,
      );
    const step = exchange.step(message);
    if ('failed' in step) return this.#refused(mechanism, step.message);
    const { reply, client } = step;
    if (client === null) return { authBytes: reply, sessionLifetimeMs: 0 };
    if (before !== null && before.principal !== client.principal) {
      const [was, is] = [before.principal, client.principal].map((one) => one.replace(':', '.'));
      return this.#fail(
        'SASL_AUTHENTICATION_FAILED',
        `Cannot change principals during re-authentication from ${was}: ${is}`,
      );
    }
    const sessionMs = this.#sessionMs(client);
    this.#identity = { mechanism, ...client };
    this.#state = { kind: 'authenticated' };
    this.#expiresAt =
      sessionMs === null ? Number.POSITIVE_INFINITY : this.#world.clock.monotonic() + sessionMs;
    return { authBytes: reply, sessionLifetimeMs: sessionMs ?? 0 };
  }

  /** As long as the client's credentials, and at most connections.max.reauth.ms; null for ever. */
  #sessionMs({ credentialsEndAt }: SignedIn): number | null {
    const { maxReauthMs } = this.#options;
    const left =
      credentialsEndAt === undefined
        ? Number.POSITIVE_INFINITY
        : Math.max(0, credentialsEndAt - this.#world.clock.now());
    const sessionMs = maxReauthMs > 0 ? Math.min(left, maxReauthMs) : left;
    return Number.isFinite(sessionMs) ? sessionMs : null;
  }

  /**
   * The answer says only that the sign-in failed, and comes late: guessing passwords takes that time for
   * each.
   */
  async #refused(mechanism: string, message?: string): Promise<SaslAnswer> {
    const again = this.#identity === null ? 'authentication' : 're-authentication';
    this.#state = { kind: 'failed' };
    await sleep(this.#world.clock, this.#options.failureDelayMs);
    return {
      error: 'SASL_AUTHENTICATION_FAILED',
      message:
        message ??
        `Authentication failed during ${again} due to invalid credentials with SASL mechanism ${mechanism}`,
    };
  }

  #fail(error: ErrorName, message = ''): { readonly error: ErrorName; readonly message: string } {
    this.#state = { kind: 'failed' };
    return { error, message };
  }
}
