import type { IamDirectory, IamIdentity } from '../directory.ts';
import { directoryText, parseDirectory } from '../directory-file.ts';

const ACCOUNT = '123456789012';
export const CLUSTER_ARN = `arn:aws:kafka:us-east-1:${ACCOUNT}:cluster/orders/uuid-1`;

/** ARN of something in the cluster: `arnOf('topic', 'paid')`. */
export function arnOf(kind: string, name: string): string {
  return `${CLUSTER_ARN.replace(':cluster/', `:${kind}/`)}/${name}`;
}

/** A directory of users and roles, each with statements of one policy. */
export function directoryOf({
  users = {},
  roles = {},
}: {
  readonly users?: Readonly<Record<string, readonly object[]>>;
  readonly roles?: Readonly<Record<string, readonly object[]>>;
}): IamDirectory {
  const entries = (kind: 'user' | 'role', of: Readonly<Record<string, readonly object[]>>) =>
    Object.entries(of).map(([name, statements], nth) => ({
      id: `${kind === 'user' ? 'AIDA' : 'AROA'}${String(nth).padStart(17, '0')}`,
      arn: `arn:aws:iam::${ACCOUNT}:${kind}/${name}`,
      accessKeys: [],
      policies: [{ name: `of-${name}`, document: policyText(statements) }],
    }));
  return parseDirectory(
    directoryText({
      account: ACCOUNT,
      region: 'us-east-1',
      clusterArn: CLUSTER_ARN,
      tokenKey: Buffer.alloc(32),
      users: entries('user', users),
      roles: entries('role', roles),
    }),
  );
}

export function policyText(statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

export function userIdentity(name: string): IamIdentity {
  const arn = `arn:aws:iam::${ACCOUNT}:user/${name}`;
  return { principalArn: arn, identityArn: arn, sessionPolicy: null };
}

export function roleIdentity(
  role: string,
  session: string,
  sessionPolicy: string | null = null,
): IamIdentity {
  return {
    principalArn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`,
    identityArn: `arn:aws:iam::${ACCOUNT}:role/${role}`,
    sessionPolicy,
  };
}
