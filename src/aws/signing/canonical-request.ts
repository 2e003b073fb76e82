import { uriEncode } from './uri-encode.ts';

/** A request as it is signed. Signer and verifier build the same from what each has. */
export interface SignableRequest {
  readonly method: string;
  /** Percent-encoded, as it is sent; never empty. */
  readonly path: string;
  /** Not encoded; a parameter without a value has the empty string. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Those that are signed, in any order and case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the body, in hexadecimal; or one of AWS's words, such as `UNSIGNED-PAYLOAD`. */
  readonly bodySha256: string;
}

/** The canonical request of AWS's Signature Version 4, of a service that encodes paths once (S3). */
export function canonicalRequest(request: SignableRequest): string {
  const headers = Object.entries(request.headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/\s+/g, ' ')] as const)
    .sort(byCodeUnits);
  return [
    request.method,
    request.path,
    canonicalQuery(request.query),
    ...headers.map(([name, value]) => `${name}:${value}`),
    '',
    signedHeaderNames(request.headers),
    request.bodySha256,
  ].join('\n');
}

/** As it is signed, and as it can be sent. */
export function canonicalQuery(query: SignableRequest['query']): string {
  return query
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .sort(byCodeUnits)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

export function signedHeaderNames(headers: SignableRequest['headers']): string {
  return Object.keys(headers)
    .map((name) => name.toLowerCase())
    .sort()
    .join(';');
}

/** By name, then by value; localeCompare would put `X-` beside `x-`. */
function byCodeUnits(a: readonly [string, string], b: readonly [string, string]): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0;
}
