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

const asked = (body: string, service: string, accept?: string) =>
  queryAnswer(
    { options: { region: 'us-east-1', account: '123456789012' }, sealed },
    {
      ...{ method: 'POST', url: '/', rawHeaders: [], body, host: '127.0.0.1', now: 0 },
      authorization: `AWS4-HMAC-SHA256 Credential=any/20261129/us-east-1/${service}/aws4_request, SignedHeaders=host`,
      requestId: '1',
      accept,
    },
  );

test('a form with an action is a request of the Query protocol, and JSON is none', () => {
  expect(isQuery('Action=GetCallerIdentity&Version=2011-06-15')).toBe(true);
  for (const body of ['', '{"Action":"x"}', 'Version=2011-06-15', undefined])
    expect(isQuery(body)).toBe(false);
});

test('who asks STS is the root user of the account', () => {
  const { status, text } = asked('Action=GetCallerIdentity&Version=2011-06-15', 'sts');
  expect(status, text).toBe(200);
  // As the API reference of STS has it.
  expect(text).toContain(
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
  const { status, text } = asked(`Action=${action}`, service);
  expect(status, text).toBe(400);
  expect(text).toMatch(form);
  expect(text).toContain(`${action} of ${service} is not here`);
});

test('an action is text in the error, whatever is in it', () => {
  const { text } = asked('Action=%3Ca%3E%26', 'sts');
  expect(text).toContain('<Message>&lt;a&gt;&amp; of sts');
});

test('who accepts JSON alone is answered with it, in the form of STS and IAM', () => {
  const json = (body: string, service: string) => {
    const { status, contentType, text } = asked(body, service, 'application/json');
    return [status, contentType, JSON.parse(text)];
  };
  // As STS itself answers.
  expect(json('Action=GetCallerIdentity&Version=2011-06-15', 'sts')).toEqual([
    200,
    'application/json',
    {
      GetCallerIdentityResponse: {
        GetCallerIdentityResult: {
          Account: '123456789012',
          Arn: 'arn:aws:iam::123456789012:root',
          UserId: '123456789012',
        },
        ResponseMetadata: { RequestId: '1' },
      },
    },
  ]);
  const [status, , made] = json('Action=CreateUser&UserName=orders&Version=2010-05-08', 'iam');
  expect(status).toBe(200);
  expect(made.CreateUserResponse.CreateUserResult.User).toMatchObject({
    UserName: 'orders',
    CreateDate: expect.closeTo(Date.now() / 1000, -3),
  });
  expect(json('Action=GetUser&UserName=nobody', 'iam')).toEqual([
    404,
    'application/json',
    {
      Error: {
        Code: 'NoSuchEntity',
        Message: 'The user with name nobody cannot be found.',
        Type: 'Sender',
      },
      RequestId: '1',
    },
  ]);
  expect(asked('Action=ListUsers', 'iam', '*/*').contentType).toBe('text/xml');
  expect(asked('Action=DescribeVpcs', 'ec2', 'application/json').contentType).toBe('text/xml');
});
