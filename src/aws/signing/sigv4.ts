import { createHash, createHmac } from 'node:crypto';
import type { AwsCredentials } from '../credentials/aws-credentials.ts';
import { canonicalRequest, type SignableRequest, signedHeaderNames } from './canonical-request.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** For what a signature counts: one day, one region, one service. */
export interface SigningScope {
  readonly region: string;
  readonly service: string;
  /** As in the header `x-amz-date`: `20260102T030405Z`. */
  readonly amzDate: string;
}

/** The value of the header `authorization` of a request that is signed by AWS's Signature Version 4. */
export function authorizationHeader(
  request: SignableRequest,
  credentials: AwsCredentials,
  scope: SigningScope,
): string {
  return (
    `${ALGORITHM} Credential=${credentials.accessKeyId}/${scopeText(scope)}, ` +
    `SignedHeaders=${signedHeaderNames(request.headers)}, ` +
    `Signature=${signature(request, credentials.secretAccessKey, scope)}`
  );
}

/** In hexadecimal. */
export function signature(request: SignableRequest, secretAccessKey: string, scope: SigningScope): string {
  const toSign = [ALGORITHM, scope.amzDate, scopeText(scope), sha256(canonicalRequest(request))].join('\n');
  const key = [dayOf(scope), scope.region, scope.service, 'aws4_request'].reduce<string | Buffer>(
    (last, word) => createHmac('sha256', last).update(word).digest(),
    `AWS4${secretAccessKey}`,
  );
  return createHmac('sha256', key).update(toSign).digest('hex');
}

/** `20260102T030405Z`, of milliseconds since 1970. */
export function amzDate(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/\.\d{3}|[-:]/g, '');
}

/** The reverse: null for what is no time, such as the 30th of February. */
export function amzDateMs(text: string): number | null {
  const at = Date.parse(text.replace(AMZ_DATE, '$1-$2-$3T$4:$5:$6Z'));
  return AMZ_DATE.test(text) && !Number.isNaN(at) && amzDate(at) === text ? at : null;
}

/** In hexadecimal. */
export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function scopeText(scope: SigningScope): string {
  return `${dayOf(scope)}/${scope.region}/${scope.service}/aws4_request`;
}

function dayOf({ amzDate: at }: SigningScope): string {
  return at.slice(0, 8);
}
