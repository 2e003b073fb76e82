import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { amzDate, authorizationHeader, sha256 } from '../../../aws/signing/sigv4.ts';
import { openSessionToken } from '../../../security/iam/session-token.ts';
import { SealedStore } from '../../sealed/sealed-store.ts';
import type { IamUser } from '../../state/iam/identity.ts';
import { tokenKey } from '../../state/iam/token-key.ts';
import { QueryError } from '../query-error.ts';
import { signedCaller } from './signed-caller.ts';
import { temporaryCredentials } from './temporary-credentials.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const MINUTE_MS = 60_000;
const BODY = 'Action=AssumeRole&Version=2011-06-15';
const ALICE: IamUser = {
  ...{ kind: 'user', arn: 'arn:aws:iam::123456789012:user/alice', id: 'AIDACKCEVSQ6C2EXAMPLE' },
  ...{ name: 'alice', path: '/', createdAt: 0, tags: {}, policies: {}, attached: [] },
  accessKeys: [],
};
let sealed: SealedStore;

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-sts-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  sealed = SealedStore.open(folder);
  keep(ALICE);
});

function keep(identity: IamUser): void {
  sealed.execute(() => ({ records: [{ type: 'IdentityRecord', identity }], answer: null }));
}

/** Temporary credentials of the user. `expiresAt`: milliseconds since 1970. */
function credentials(expiresAt: number) {
  const made = temporaryCredentials(sealed, {
    ...{ principalArn: ALICE.arn, identity: ALICE, sessionPolicy: null, expiresAt },
  });
  const sessionToken = String(Reflect.get(made, 'SessionToken'));
  const key = tokenKey(sealed, () => Buffer.alloc(0));
  const opened = openSessionToken(sessionToken, key);
  if (!opened) throw new Error('the token cannot be opened');
  return { accessKeyId: opened.accessKeyId, secretAccessKey: opened.secret, sessionToken };
}

/** Who sent the request; the code of the error where it is one. `signedAt`: in milliseconds since 1970. */
function caller(signer: ReturnType<typeof credentials>, { body = BODY, signedAt = NOW } = {}): string | null {
  const date = amzDate(signedAt);
  const headers = {
    ...{ host: 'localhost:7070', 'x-amz-date': date, 'x-amz-security-token': signer.sessionToken },
  };
  const authorization = authorizationHeader(
    { method: 'POST', path: '/', query: [], headers, bodySha256: sha256(BODY) },
    signer,
    { region: 'us-east-1', service: 'sts', amzDate: date },
  );
  const rawHeaders = Object.entries({ ...headers, authorization }).flat();
  const found = signedCaller(sealed, {
    ...{ method: 'POST', url: '/', rawHeaders, body, host: '127.0.0.1', now: NOW },
  });
  return found instanceof QueryError ? found.code : (found?.principalArn ?? null);
}

test('temporary credentials sign until the instant at which they end', () => {
  expect(caller(credentials(NOW + 1))).toBe(ALICE.arn);
  expect(caller(credentials(NOW))).toBe('ExpiredToken');
});

test('another body, secret or token than was signed with is refused', () => {
  const signer = credentials(NOW + MINUTE_MS);
  expect(caller(signer, { body: `${BODY}&RoleArn=x` })).toBe('SignatureDoesNotMatch');
  expect(caller({ ...signer, secretAccessKey: 'x' })).toBe('SignatureDoesNotMatch');
  const { sessionToken } = credentials(NOW + MINUTE_MS);
  expect(caller({ ...signer, sessionToken })).toBe('InvalidClientTokenId');
});

test('a signature counts for a quarter of an hour before and after its time', () => {
  const signer = credentials(NOW + MINUTE_MS);
  for (const minutes of [-15, 15])
    expect(caller(signer, { signedAt: NOW + minutes * MINUTE_MS })).toBe(ALICE.arn);
  for (const minutes of [-16, 16])
    expect(caller(signer, { signedAt: NOW + minutes * MINUTE_MS })).toBe('SignatureDoesNotMatch');
});

test('a user that was made again is not who temporary credentials were for', () => {
  const signer = credentials(NOW + MINUTE_MS);
  keep({ ...ALICE, id: 'AIDACKCEVSQ6C2EXAMPLF' });
  expect(caller(signer)).toBe('InvalidClientTokenId');
});
