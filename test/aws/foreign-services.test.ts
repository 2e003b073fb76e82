import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiHarness } from './api-harness.ts';

let api: ApiHarness;

beforeEach(async () => {
  api = await ApiHarness.start();
});

afterEach(() => api[Symbol.asyncDispose]());

test('whoever comes for a service of AWS that is not here is told so, in the form of that service', async () => {
  const asked = async (
    service: string,
    path: string,
    init: { method?: string; target?: string; body?: string } = {},
  ) => {
    const response = await fetch(`${api.control.url}${path}`, {
      method: init.method ?? 'GET',
      ...(init.body === undefined ? {} : { body: init.body }),
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=any/20261129/us-east-1/${service}/aws4_request, SignedHeaders=host`,
        ...(init.target === undefined ? {} : { 'x-amz-target': init.target }),
      },
    });
    return [response.status, await response.text()];
  };
  // As S3 writes its errors: the first thing that tools ask of a bucket.
  expect(await asked('s3', '/plugins?list-type=2')).toEqual([
    501,
    expect.stringMatching(
      /^<\?xml [^>]*>\n<Error><Code>NotImplemented<\/Code><Message>GET \/plugins\?list-type=2 of s3 is not here: .*AWS_ENDPOINT_URL_KAFKA\.<\/Message>/,
    ),
  ]);
  expect(await asked('s3', '/plugins/sink.zip', { method: 'PUT', body: ' '.repeat(2_000_000) })).toEqual([
    501,
    expect.stringContaining('PUT /plugins/sink.zip of s3 is not here'),
  ]);
  expect(await asked('lambda', '/2015-03-31/functions/')).toEqual([
    404,
    expect.stringContaining('GET /2015-03-31/functions/ of lambda is not here'),
  ]);
  const list = { method: 'POST', target: 'DynamoDB_20120810.ListTables' };
  expect(await asked('dynamodb', '/', list)).toEqual([
    400,
    expect.stringContaining('DynamoDB_20120810.ListTables of dynamodb is not here'),
  ]);
  const keys = { method: 'POST', target: 'TrentService.ListKeys' };
  expect(await asked('kms', '/', keys)).toEqual([
    400,
    expect.stringContaining('TrentService.ListKeys is not built yet'),
  ]);
  expect(await asked('kafka', '/v1/nothing')).toEqual([
    404,
    expect.stringContaining('No operation has GET /v1/nothing.'),
  ]);
});
