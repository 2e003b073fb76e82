import type { Random } from '../../base/random.ts';
import { IAM_PRINCIPAL_TYPE, type IamIdentity } from '../../security/iam/directory.ts';
import { IAM_MECHANISMS, type IamSignIn } from '../../security/iam/iam-sign-in.ts';
import type { ScramCredential } from '../../security/scram/credential.ts';
import { ScramExchange } from '../../security/scram/exchange.ts';
import { type ScramMechanism, scramMechanisms } from '../../security/scram/mechanism.ts';

/** The server's side of one sign-in: each message of the client is answered by one step. */
export interface SaslExchange {
  readonly mechanism: string;
  step(message: Buffer): SaslStep;
}

type SaslStep =
  /** `client` is null while more is to be said. */
  | { readonly reply: Buffer; readonly client: SignedIn | null }
  /** `message`: what the client is told; where it is missing, that its credentials are invalid. */
  | { readonly failed: true; readonly message?: string };

/** Who signed in. */
export interface SignedIn {
  /** With its type: `User:alice`. */
  readonly principal: string;
  /** What was proved of it, where it signed in by IAM. */
  readonly iam?: IamIdentity;
  /** When its credentials end, in milliseconds since 1970; by default they do not. */
  readonly credentialsEndAt?: number;
  /** Whether it may stay signed in; by default it may. */
  readonly stands?: () => boolean;
}

/** What clients sign in with. */
export interface SaslCredentials {
  /** SASL mechanisms that may be used, as SaslHandshake names them. */
  readonly mechanisms: readonly string[];
  /** Returns undefined for a user that does not exist. */
  readonly credential: (mechanism: ScramMechanism, user: string) => ScramCredential | undefined;
  /** What the salts of users that do not exist come from: the same on every broker. */
  readonly secret: () => Uint8Array;
  /** Of listeners where clients sign in by IAM. */
  readonly iam?: Pick<IamSignIn, 'step' | 'stands'>;
}

/** A new exchange by the mechanism of that name; null when it may not be used. */
export function saslExchange(
  name: string,
  credentials: SaslCredentials,
  { random, clientHost }: { readonly random: Random; readonly clientHost: string },
): SaslExchange | null {
  if (!credentials.mechanisms.includes(name)) return null;
  const scram = scramMechanisms.find((each) => each.name === name);
  if (scram) return scramExchange(scram, credentials, random);
  const { iam } = credentials;
  const mechanism = IAM_MECHANISMS.find((each) => each === name);
  if (!mechanism || !iam) return null;
  return {
    mechanism,
    step: (message) => {
      const step = iam.step(mechanism, message, clientHost);
      if ('message' in step) return { failed: true, message: step.message };
      const { identity, credentialsEndAt, reply } = step;
      const principal = `${IAM_PRINCIPAL_TYPE}:${identity.principalArn}`;
      const end = credentialsEndAt === null ? {} : { credentialsEndAt };
      return { reply, client: { principal, iam: identity, ...end, stands: () => iam.stands(step) } };
    },
  };
}

function scramExchange(
  mechanism: ScramMechanism,
  { credential, secret }: SaslCredentials,
  random: Random,
): SaslExchange {
  const exchange = new ScramExchange(mechanism, {
    random,
    secret: secret(),
    credential: (user) => credential(mechanism, user),
  });
  return {
    mechanism: mechanism.name,
    step: (message) => {
      const step = exchange.step(message);
      if ('failed' in step) return step;
      return { reply: step.reply, client: step.user === null ? null : { principal: `User:${step.user}` } };
    },
  };
}
