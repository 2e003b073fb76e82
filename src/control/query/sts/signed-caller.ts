import { timingSafeEqual } from 'node:crypto';
import { amzDateMs, sha256, signature } from '../../../aws/signing/sigv4.ts';
import type { IamIdentity } from '../../../security/iam/directory.ts';
import { openSessionToken } from '../../../security/iam/session-token.ts';
import type { SealedStore } from '../../sealed/sealed-store.ts';
import { QueryError } from '../query-error.ts';
import type { QueryCaller } from '../query-operation.ts';

/** Who signed a request with credentials that are known here. */
export interface SignedCaller extends IamIdentity {
  /** As GetCallerIdentity has it: the id of the user, or that of the role with the name of the session. */
  readonly userId: string;
  /** Its key ends by itself. */
  readonly isTemporary: boolean;
}

/** A signature counts for so long before and after the time that it says, as on AWS. */
const MOST_SKEW_MS = 15 * 60_000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=(\w{16,32})\/(\d{8})\/([a-z0-9-]{1,32})\/sts\/aws4_request, ?SignedHeaders=([a-z0-9;-]{1,1024}), ?Signature=([0-9a-f]{64})$/;

/**
 * Who signed this request to STS; null where nobody did, or with a key that is not known here. A signature of
 * a known key that is not right is an error, as is a key that does not count any more.
 */
export function signedCaller(sealed: SealedStore, request: QueryCaller): SignedCaller | QueryError | null {
  const headers = headersOf(request.rawHeaders);
  const [, id, day, region, names, given] = AUTHORIZATION.exec(headers.get('authorization') ?? '') ?? [];
  if (!id || !day || !region || !names || !given) return null;
  const known = credentialsOf(sealed, id, headers.get('x-amz-security-token'), request.now);
  if (known === null || known instanceof QueryError) return known;
  const signed = names.split(';');
  const amzDate = headers.get('x-amz-date') ?? '';
  const at = amzDateMs(amzDate);
  if (at === null || !amzDate.startsWith(day) || !signed.includes('host') || !signed.includes('x-amz-date'))
    return doesNotMatch('It has to cover the headers Host and X-Amz-Date, of the day in its scope.');
  if (known.caller.isTemporary && !signed.includes('x-amz-security-token'))
    return doesNotMatch('It has to cover the header X-Amz-Security-Token.');
  if (Math.abs(request.now - at) > MOST_SKEW_MS)
    return doesNotMatch(`Signature expired: ${amzDate} is more than 15 minutes away from the time here.`);
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const expected = signature(
    {
      method: request.method,
      path: pathname,
      query: [...searchParams],
      headers: Object.fromEntries(signed.map((name) => [name, headers.get(name) ?? ''])),
      bodySha256: sha256(request.body),
    },
    known.secret,
    { region, service: 'sts', amzDate },
  );
  return timingSafeEqual(Buffer.from(expected), Buffer.from(given))
    ? known.caller
    : doesNotMatch('Check your AWS Secret Access Key and signing method.');
}

interface KnownCredentials {
  readonly caller: SignedCaller;
  readonly secret: string;
}

/** Null for a key that is not known here. */
function credentialsOf(
  { iam }: SealedStore,
  id: string,
  token: string | undefined,
  now: number,
): KnownCredentials | QueryError | null {
  const user = iam.userOfKey(id);
  const key = user?.accessKeys.find((one) => one.id === id);
  if (user && key) {
    if (!key.active) return INVALID;
    const { arn, id: userId } = user;
    const caller = {
      ...{ principalArn: arn, identityArn: arn, sessionPolicy: null, userId },
      isTemporary: false,
    };
    return { secret: key.secret, caller };
  }
  if (token === undefined || iam.tokenKey === null) return null;
  const opened = openSessionToken(token, Buffer.from(iam.tokenKey, 'base64'));
  if (opened === null) return null;
  const identity = iam.byArn(opened.identityArn);
  if (opened.accessKeyId !== id || identity?.id !== opened.identityId) return INVALID;
  if (opened.expiresAt <= now)
    return new QueryError('ExpiredToken', 'The security token included in the request is expired');
  const { principalArn, identityArn, sessionPolicy, secret } = opened;
  const session = identity.kind === 'role' ? `:${principalArn.split('/').at(-1)}` : '';
  const userId = `${identity.id}${session}`;
  return {
    secret,
    caller: { principalArn, identityArn, sessionPolicy, userId, isTemporary: true },
  };
}

export const INVALID = new QueryError(
  'InvalidClientTokenId',
  'The security token included in the request is invalid.',
);

function doesNotMatch(why: string): QueryError {
  return new QueryError(
    'SignatureDoesNotMatch',
    `The request signature we calculated does not match the signature you provided. ${why}`,
  );
}

/** In lower case; the last one of a name that is there twice counts for nothing. */
function headersOf(rawHeaders: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    if (!headers.has(name)) headers.set(name, rawHeaders[at + 1] ?? '');
  }
  return headers;
}
