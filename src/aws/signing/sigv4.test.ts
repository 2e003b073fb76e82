import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signatureProblem } from '../s3/testing/checked-signature.ts';
import { canonicalQuery } from './canonical-request.ts';
import { authorizationHeader, sha256, signature } from './sigv4.ts';
import { uriEncodePath } from './uri-encode.ts';

/** Of the examples that AWS publishes for S3 (Signature Calculations for the Authorization Header). */
const CREDENTIALS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const SCOPE = { region: 'us-east-1', service: 's3', amzDate: '20130524T000000Z' };
const HOST = { host: 'examplebucket.s3.amazonaws.com', 'x-amz-date': SCOPE.amzDate };
const EMPTY = sha256('');

describe("the examples of AWS's documentation are signed as it says", () => {
  test('GET of ten bytes of an object', () => {
    const request = {
      ...{ method: 'GET', path: '/test.txt', query: [], bodySha256: EMPTY },
      headers: { ...HOST, Range: 'bytes=0-9', 'x-amz-content-sha256': EMPTY },
    };
    expect(authorizationHeader(request, CREDENTIALS, SCOPE)).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
  });

  test('PUT of an object whose key has a dollar sign', () => {
    const bodySha256 = sha256('Welcome to Amazon S3.');
    const request = {
      ...{ method: 'PUT', path: uriEncodePath('/test$file.text'), query: [], bodySha256 },
      headers: {
        ...HOST,
        date: 'Fri, 24 May 2013 00:00:00 GMT',
        'x-amz-content-sha256': bodySha256,
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
    };
    expect(signature(request, CREDENTIALS.secretAccessKey, SCOPE)).toBe(
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    );
  });

  test.each([
    {
      query: [['lifecycle', '']] as const,
      expected: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    },
    {
      query: [
        ['prefix', 'J'],
        ['max-keys', '2'],
      ] as const,
      expected: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    },
  ])('GET of $query of a bucket', ({ query, expected }) => {
    const request = {
      ...{ method: 'GET', path: '/', query, bodySha256: EMPTY },
      headers: { ...HOST, 'x-amz-content-sha256': EMPTY },
    };
    expect(signature(request, CREDENTIALS.secretAccessKey, SCOPE)).toBe(expected);
  });
});

test("any request is signed as AWS's own signer signs it", async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 });
  // AWS's signer keeps the query in an object, where this name is no name of its own.
  const name = text.filter((one) => one !== '__proto__');
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        key: text,
        query: fc.uniqueArray(fc.tuple(name, text), { selector: ([name]) => name, maxLength: 4 }),
        value: fc.stringMatching(/^[ -~]*$/),
        token: fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{1,20}$/)),
        body: fc.uint8Array({ maxLength: 40 }),
      }),
      async ({ key, query, value, token, body }) => {
        const credentials = { ...CREDENTIALS, ...(token === null ? {} : { sessionToken: token }) };
        const bodySha256 = sha256(body);
        const headers = {
          ...HOST,
          'x-amz-content-sha256': bodySha256,
          'x-amz-meta-note': value,
          ...(token === null ? {} : { 'x-amz-security-token': token }),
        };
        const path = uriEncodePath(`/bucket/${key}`);
        const authorization = authorizationHeader(
          { method: 'PUT', path, query, headers, bodySha256 },
          credentials,
          SCOPE,
        );
        const sent = new URLSearchParams(canonicalQuery(query));
        expect(
          await signatureProblem(
            { method: 'PUT', path, query: sent, headers: { ...headers, authorization }, body },
            credentials,
            SCOPE.region,
          ),
        ).toBeNull();
      },
    ),
    { numRuns: 60 },
  );
});
