import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentials } from '../../credentials/aws-credentials.ts';

/** As a server got it. */
export interface SignedRequest {
  readonly method: string;
  /** As it was sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What is wrong with a signature by AWS's own signer, in S3's codes; null when nothing is. */
export async function signatureProblem(
  request: SignedRequest,
  credentials: AwsCredentials,
  region: string,
): Promise<string | null> {
  const given = request.headers.authorization ?? '';
  const [, key, signed] = /Credential=([^/]+)\/.*SignedHeaders=([^,]+)/.exec(given) ?? [];
  if (key === undefined || signed === undefined) return 'AccessDenied';
  if (key !== credentials.accessKeyId) return 'InvalidAccessKeyId';
  const at = request.headers['x-amz-date'] ?? '';
  const names = signed.split(';').filter((name) => name !== 'x-amz-content-sha256');
  const signer = new SignatureV4({
    ...{ credentials, region, service: 's3', sha256: Sha256 },
    uriEscapePath: false,
    applyChecksum: true,
  });
  const expected = await signer.sign(
    {
      ...{ method: request.method, path: request.path, protocol: 'http:', hostname: '', body: request.body },
      query: Object.fromEntries(request.query),
      headers: Object.fromEntries(names.map((name) => [name, request.headers[name] ?? ''])),
    },
    { signingDate: new Date(at.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z')) },
  );
  return expected.headers.authorization === given ? null : 'SignatureDoesNotMatch';
}

/** What AWS's own signer hashes with. */
export class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === 'string') return data;
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
