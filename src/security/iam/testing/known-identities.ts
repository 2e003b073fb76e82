import { Sfc32 } from '../../../base/random.ts';
import { directoryText, type IamDirectoryFile } from '../directory-file.ts';
import { sealSessionToken, type TemporaryCredentials } from '../session-token.ts';

/** A user with an active and an inactive key, and a role: those of the examples in AWS's documentation. */
const ACCOUNT = '123456789012';
export const REGION = 'eu-central-1';
export const ALICE = `arn:aws:iam::${ACCOUNT}:user/alice`;
export const READER = `arn:aws:iam::${ACCOUNT}:role/reader`;
export const NIGHTLY = `arn:aws:sts::${ACCOUNT}:assumed-role/reader/nightly`;
export const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
export const KEY = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: SECRET };
export const INACTIVE_KEY = { accessKeyId: 'AKIAI44QH8DHBEXAMPLE', secretAccessKey: SECRET };
const ROLE_ID = 'AROACKCEVSQ6C2EXAMPLE';

export function identities(policy = '{"Version":"2012-10-17","Statement":[]}'): IamDirectoryFile {
  const policies = [{ name: 'only', document: policy }];
  return {
    account: ACCOUNT,
    region: REGION,
    clusterArn: `arn:aws:kafka:${REGION}:${ACCOUNT}:cluster/orders/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0-1`,
    tokenKey: Buffer.alloc(32, 7),
    users: [
      {
        id: 'AIDACKCEVSQ6C2EXAMPLE',
        arn: ALICE,
        accessKeys: [
          { id: KEY.accessKeyId, secret: SECRET, active: true },
          { id: INACTIVE_KEY.accessKeyId, secret: SECRET, active: false },
        ],
        policies,
      },
    ],
    roles: [{ id: ROLE_ID, arn: READER, policies }],
  };
}

export function identitiesText(policy?: string): string {
  return directoryText(identities(policy));
}

/** Credentials of the role for a session. `endsAt`: milliseconds since 1970. */
export function temporaryKey(endsAt: number, differing: Partial<TemporaryCredentials> = {}) {
  const credentials = {
    ...{
      accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
      secret: `${SECRET}2`,
      principalArn: NIGHTLY,
      identityArn: READER,
    },
    ...{ identityId: ROLE_ID, expiresAt: endsAt, sessionPolicy: null },
    ...differing,
  };
  return {
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.secret,
    sessionToken: sealSessionToken(credentials, identities().tokenKey, new Sfc32(endsAt)),
  };
}
