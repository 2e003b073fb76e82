import { expect, test } from 'vitest';
import { signedService } from './foreign-service.ts';

// As botocore signs, and as the SDK for Java does, with other spaces.
test.each([
  [
    'AWS4-HMAC-SHA256 Credential=AKID/20261129/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0',
    's3',
  ],
  ['AWS4-HMAC-SHA256 Credential=AKID/20261129/eu-west-1/kafka/aws4_request,SignedHeaders=host', 'kafka'],
  ['Bearer token', ''],
  ['AWS4-HMAC-SHA256 Credential=AKID/20261129/us-east-1/aws4_requests, SignedHeaders=host', ''],
  [undefined, ''],
])('%s is signed for "%s"', (header, service) => {
  expect(signedService(header)).toBe(service);
});
