import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../../../aws/s3/testing/checked-signature.ts';

/** What a client signs, and with what. */
export interface ToSign {
  readonly host: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly service?: string;
  readonly action?: string;
  readonly expiresIn?: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The parameters of the query of a request that AWS's own signer signed. */
async function signedQuery(toSign: ToSign): Promise<[string, string][]> {
  const { host, region, accessKeyId, secretAccessKey, sessionToken, at } = toSign;
  const { service = 'kafka-cluster', action = 'kafka-cluster:Connect', expiresIn = 900 } = toSign;
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    ...{ region, service, sha256: Sha256, applyChecksum: false },
  });
  const { query = {} } = await signer.presign(
    {
      ...{ method: 'GET', protocol: 'https:', hostname: host, path: '/', headers: { host } },
      query: { Action: action },
    },
    { expiresIn, signingDate: at / 1000 },
  );
  return Object.entries(query).map(([name, value]) => [name, String(value)]);
}

/** The message of AWS_MSK_IAM, as AWS's library for Java makes it. */
export async function mskIamMessage(toSign: ToSign): Promise<Buffer> {
  const members = (await signedQuery(toSign)).map(([name, value]) => [name.toLowerCase(), value]);
  const others = { version: '2020_10_22', host: toSign.host, 'user-agent': 'test' };
  return Buffer.from(JSON.stringify({ ...others, ...Object.fromEntries(members) }));
}

/** The message of OAUTHBEARER with a token as AWS's signers make it. */
export async function bearerMessage(toSign: ToSign): Promise<Buffer> {
  const query = (await signedQuery(toSign)).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return bearerMessageOf(`https://${toSign.host}/?${[...query, 'User-Agent=test%2F1'].join('&')}`);
}

export function bearerMessageOf(url: string): Buffer {
  return Buffer.from(`n,,\u0001auth=Bearer ${Buffer.from(url).toString('base64url')}\u0001\u0001`);
}
