import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SealedStore } from '../sealed/sealed-store.ts';
import { isQuery, queryAnswer } from './query-answer.ts';

let folder: string;
let sealed: SealedStore;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-query-'));
  sealed = SealedStore.open(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const asked = (body: string, service: string) =>
  queryAnswer(
    { options: { region: 'us-east-1', account: '123456789012' }, sealed },
    {
      ...{ method: 'POST', url: '/', rawHeaders: [], body, host: '127.0.0.1', now: 0 },
      authorization: `AWS4-HMAC-SHA256 Credential=any/20261129/us-east-1/${service}/aws4_request, SignedHeaders=host`,
      requestId: '1',
    },
  );

test('a form with an action is a request of the Query protocol, and JSON is none', () => {
  expect(isQuery('Action=GetCallerIdentity&Version=2011-06-15')).toBe(true);
  for (const body of ['', '{"Action":"x"}', 'Version=2011-06-15', undefined])
    expect(isQuery(body)).toBe(false);
});

test('who asks STS is the root user of the account', () => {
  const { status, xml } = asked('Action=GetCallerIdentity&Version=2011-06-15', 'sts');
  expect(status, xml).toBe(200);
  // As the API reference of STS has it.
  expect(xml).toContain(
    '<GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:root</Arn><UserId>123456789012</UserId><Account>123456789012</Account></GetCallerIdentityResult>',
  );
});

test.each([
  [
    'sts',
    'DecodeAuthorizationMessage',
    /^<ErrorResponse><Error><Type>Sender<\/Type><Code>InvalidAction<\/Code>/,
  ],
  ['iam', 'GetCallerIdentity', /^<ErrorResponse>/],
  ['ec2', 'DescribeVpcs', /^<Response><Errors><Error><Code>InvalidAction<\/Code>/],
])('an action of %s that is not here (%s) is named by the error', (service, action, form) => {
  const { status, xml } = asked(`Action=${action}`, service);
  expect(status, xml).toBe(400);
  expect(xml).toMatch(form);
  expect(xml).toContain(`${action} of ${service} is not here`);
});

test('an action is text in the error, whatever is in it', () => {
  const { xml } = asked('Action=%3Ca%3E%26', 'sts');
  expect(xml).toContain('<Message>&lt;a&gt;&amp; of sts');
});
