import { amzDateMs } from '../../aws/signing/sigv4.ts';

/**
 * The request that a client signed instead of sending it to AWS: `GET /?Action=kafka-cluster:Connect`, whose
 * signature is in its query (Signature Version 4).
 */
export interface PresignedRequest {
  /** Lower case, without a port. */
  readonly host: string;
  readonly accessKeyId: string;
  /** Of the scope of the credential. */
  readonly region: string;
  /** `20260102T030405Z`; the day of the scope is the same. */
  readonly amzDate: string;
  /** When it was signed, by the client's clock: milliseconds since 1970. */
  readonly signedAt: number;
  /** For how long it is good. */
  readonly expiresSeconds: number;
  /** Null for long-lived access keys. */
  readonly securityToken: string | null;
  /** 64 hexadecimal digits. */
  readonly signature: string;
  /** All parameters of the query that were signed, as they were given. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

const ACTION = 'kafka-cluster:Connect';
export const SERVICE = 'kafka-cluster';
/** What AWS's own clients ask for, and the longest that a request is good for. */
const EXPIRES_SECONDS_MAX = 900;

/** The names of the parameters of the query. Any other is refused, and so is one that is there twice. */
export const PARAMETERS = [
  'Action',
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-Security-Token',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
] as const;

export type Parameter = (typeof PARAMETERS)[number];

const HOST = /^[A-Za-z0-9]([A-Za-z0-9.:-]{0,253}[A-Za-z0-9])?$|^::1$/;
const CREDENTIAL = /^([A-Z0-9]{16,32})\/(\d{8})\/([a-z0-9-]{1,32})\/([a-z0-9-]{1,32})\/([a-z0-9_]{1,32})$/;
const SIGNATURE = /^[0-9a-f]{64}$/;
const SECURITY_TOKEN = /^[A-Za-z0-9+/=_-]{1,16384}$/;
const EXPIRES = /^[1-9]\d{0,2}$/;

/**
 * The request with these parameters; a sentence for the log where it cannot be one. The sentence names the
 * parameter, and never a signature or token.
 */
export function presignedRequest(
  host: string,
  parameters: ReadonlyMap<Parameter, string>,
): PresignedRequest | string {
  const of = (name: Parameter): string => parameters.get(name) ?? '';
  const missing = PARAMETERS.find((name) => name !== 'X-Amz-Security-Token' && !parameters.has(name));
  if (missing !== undefined) return `${missing} is missing`;
  if (!HOST.test(host)) return 'the host is not the name of one';
  if (of('Action') !== ACTION) return `Action is not ${ACTION}`;
  if (of('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') return 'X-Amz-Algorithm is not AWS4-HMAC-SHA256';
  if (of('X-Amz-SignedHeaders') !== 'host') return 'X-Amz-SignedHeaders is not host';
  const [, accessKeyId = '', day = '', region = '', service, end] =
    CREDENTIAL.exec(of('X-Amz-Credential')) ?? [];
  if (accessKeyId === '') return 'X-Amz-Credential is not of the form KEY/DAY/REGION/SERVICE/aws4_request';
  if (service !== SERVICE || end !== 'aws4_request')
    return `X-Amz-Credential does not end with /${SERVICE}/aws4_request`;
  const amzDate = of('X-Amz-Date');
  const signedAt = amzDateMs(amzDate);
  if (signedAt === null) return 'X-Amz-Date is no time of the form 20260102T030405Z';
  if (day !== amzDate.slice(0, 8)) return 'X-Amz-Credential and X-Amz-Date are of different days';
  const expiresSeconds = EXPIRES.test(of('X-Amz-Expires')) ? Number(of('X-Amz-Expires')) : 0;
  if (expiresSeconds < 1 || expiresSeconds > EXPIRES_SECONDS_MAX)
    return `X-Amz-Expires is no number of seconds from 1 to ${EXPIRES_SECONDS_MAX}`;
  if (!SIGNATURE.test(of('X-Amz-Signature'))) return 'X-Amz-Signature has not 64 hexadecimal digits';
  const securityToken = parameters.get('X-Amz-Security-Token') ?? null;
  if (securityToken !== null && !SECURITY_TOKEN.test(securityToken))
    return 'X-Amz-Security-Token is not of the form of one';
  return {
    ...{ host, accessKeyId, region, amzDate, signedAt, expiresSeconds },
    securityToken,
    signature: of('X-Amz-Signature'),
    query: [...parameters].filter(([name]) => name !== 'X-Amz-Signature'),
  };
}
