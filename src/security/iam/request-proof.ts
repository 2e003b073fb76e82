import { timingSafeEqual } from 'node:crypto';
import { sha256, signature } from '../../aws/signing/sigv4.ts';
import type { IamDirectory, IamIdentity } from './directory.ts';
import { type PresignedRequest, SERVICE } from './presigned-request.ts';
import { openSessionToken } from './session-token.ts';

/** Whom a request proves its sender to be. */
export interface IamProof {
  readonly identity: IamIdentity;
  /** When the credentials end, in milliseconds since 1970; null for long-lived access keys. */
  readonly credentialsEndAt: number | null;
  /** Whether the key, user or role is in the directory still as it was when the request was proved. */
  readonly stands: (directory: IamDirectory) => boolean;
}

/** Why nobody is signed in, as metrics count it. */
export type IamRefusalReason =
  | 'malformed'
  | 'expired'
  | 'not-yet-valid'
  | 'wrong-region'
  | 'wrong-host'
  | 'unknown-key'
  | 'inactive-key'
  | 'bad-session-token'
  | 'unknown-identity'
  | 'wrong-signature'
  | 'session-too-short'
  | 'denied-by-policy'
  | 'no-directory';

/** `detail`: a sentence for the log, with no secret in it. */
export interface IamRefusal {
  readonly reason: IamRefusalReason;
  readonly detail: string;
}

/** How far a client's clock may be ahead, as AWS takes it. */
const CLOCK_SKEW_MS = 15 * 60_000;
/** A session that ends so soon would be renewed at once, again and again. */
const SESSION_MS_MIN = 10_000;
const LONG_LIVED = /^AKIA/;
/** What requests of keys that do not exist are compared with, so that their refusal takes the same time. */
const NO_SECRET = 'the secret of no access key at all';

/**
 * Whom a request proves its sender to be, or why it proves nobody. `now`: milliseconds since 1970. `isHost`:
 * whether the request may be for that host. A request that was overheard proves the same again until it
 * expires, as on AWS; that is what encryption is for.
 */
export function proofOf(
  request: PresignedRequest,
  {
    directory,
    now,
    isHost,
  }: {
    readonly directory: IamDirectory;
    readonly now: number;
    readonly isHost: (host: string) => boolean;
  },
): IamProof | IamRefusal {
  if (request.region !== directory.region)
    return refusal(
      'wrong-region',
      `it was signed for the region ${request.region}, and the cluster is in ${directory.region}`,
    );
  if (!isHost(request.host))
    return refusal(
      'wrong-host',
      `it was signed for the host ${request.host}, which is none of this broker's`,
    );
  if (request.signedAt > now + CLOCK_SKEW_MS)
    return refusal('not-yet-valid', `it was signed at ${request.amzDate}, which is yet to come`);
  if (now >= request.signedAt + request.expiresSeconds * 1000)
    return refusal(
      'expired',
      `it was signed at ${request.amzDate} for ${request.expiresSeconds} s, which are over`,
    );
  const claimed = LONG_LIVED.test(request.accessKeyId)
    ? longLived(request, directory)
    : temporary(request, directory);
  const isSigned = hasSignatureOf(request, 'reason' in claimed ? NO_SECRET : claimed.secret);
  if ('reason' in claimed) return claimed;
  const { accessKeyId } = request;
  if (!isSigned)
    return refusal('wrong-signature', `its signature is not of the secret of the access key ${accessKeyId}`);
  const left = (claimed.credentialsEndAt ?? Number.POSITIVE_INFINITY) - now;
  if (left <= 0) return refusal('expired', `the temporary credentials ${accessKeyId} are over`);
  if (left < SESSION_MS_MIN)
    return refusal('session-too-short', `the temporary credentials ${accessKeyId} end in ${left} ms`);
  const { identity, credentialsEndAt, stands } = claimed;
  return { identity, credentialsEndAt, stands };
}

/** What a request proves if it is signed with the secret. */
interface Claim extends IamProof {
  readonly secret: string;
}

function longLived(
  { accessKeyId, securityToken }: PresignedRequest,
  directory: IamDirectory,
): Claim | IamRefusal {
  const key = directory.accessKey(accessKeyId);
  if (!key) return refusal('unknown-key', `there is no access key ${accessKeyId}`);
  if (!key.active) return refusal('inactive-key', `the access key ${accessKeyId} is inactive`);
  if (securityToken !== null)
    return refusal(
      'bad-session-token',
      `the access key ${accessKeyId} is long-lived, and has no session token`,
    );
  const { principalArn, secret } = key;
  const id = directory.identityId(principalArn);
  if (id === null) return refusal('unknown-identity', `there is no user ${principalArn} any more`);
  return {
    identity: { principalArn, identityArn: principalArn, sessionPolicy: null },
    secret,
    credentialsEndAt: null,
    stands: (newer) => {
      const now = newer.accessKey(accessKeyId);
      const isSame = now?.active === true && now.secret === secret && now.principalArn === principalArn;
      return isSame && newer.identityId(principalArn) === id;
    },
  };
}

function temporary(
  { accessKeyId, securityToken }: PresignedRequest,
  directory: IamDirectory,
): Claim | IamRefusal {
  if (securityToken === null) return refusal('unknown-key', `there is no access key ${accessKeyId}`);
  const session = openSessionToken(securityToken, directory.tokenKey);
  if (!session || session.accessKeyId !== accessKeyId)
    return refusal('bad-session-token', `the session token is not that of the access key ${accessKeyId}`);
  const { principalArn, identityArn, identityId, sessionPolicy, secret, expiresAt } = session;
  if (directory.identityId(identityArn) !== identityId)
    return refusal('unknown-identity', `there is no ${identityArn} any more`);
  return {
    identity: { principalArn, identityArn, sessionPolicy },
    secret,
    credentialsEndAt: expiresAt,
    stands: (newer) => newer.identityId(identityArn) === identityId,
  };
}

function hasSignatureOf(
  { host, query, region, amzDate, signature: given }: PresignedRequest,
  secret: string,
): boolean {
  const request = { method: 'GET', path: '/', query, headers: { host }, bodySha256: EMPTY_SHA256 };
  const expected = signature(request, secret, { region, service: SERVICE, amzDate });
  return timingSafeEqual(Buffer.from(expected), Buffer.from(given));
}

const EMPTY_SHA256 = sha256('');

function refusal(reason: IamRefusalReason, detail: string): IamRefusal {
  return { reason, detail };
}
