import type { IamDirectory, IamIdentity } from './directory.ts';
import { clusterOf } from './resource-arn.ts';

/** What decides for a client that signed in by IAM, as a broker tells the controller with a request of it. */
export interface ForwardedRights {
  readonly identity: IamIdentity;
  /** Of this one user or role; it knows no keys. Null where the broker knows nothing now. */
  readonly directory: IamDirectory | null;
}

/**
 * As JSON, without anything secret: the controller decides by what the broker knows, and needs no file of its
 * own. `directory`: null where the broker knows nothing now, and then nothing is allowed.
 */
export function rightsText(identity: IamIdentity, directory: IamDirectory | null): string {
  const { identityArn, sessionPolicy } = identity;
  const known = directory && {
    account: directory.account,
    region: directory.region,
    clusterArn: directory.clusterArn,
    identityId: directory.identityId(identityArn),
    policies: directory.policies(identityArn).map(({ name, document }) => [name, document]),
  };
  return JSON.stringify({ identityArn, sessionPolicy, known });
}

/** Null where the text is not what brokers write. `principalArn`: of the client, as the request names it. */
export function rightsOf(text: string, principalArn: string): ForwardedRights | null {
  const told = membersOf(parsed(text));
  const [identityArn, sessionPolicy] = [told?.get('identityArn'), told?.get('sessionPolicy')];
  if (typeof identityArn !== 'string' || !isTextOrNull(sessionPolicy)) return null;
  const identity = { principalArn, identityArn, sessionPolicy };
  const known = told?.get('known');
  if (known === null) return { identity, directory: null };
  const directory = directoryOf(membersOf(known), identityArn);
  return directory && { identity, directory };
}

function directoryOf(known: Members | null, identityArn: string): IamDirectory | null {
  const [account, region, clusterArn] = ['account', 'region', 'clusterArn'].map((name) => known?.get(name));
  if (typeof account !== 'string' || typeof region !== 'string') return null;
  if (typeof clusterArn !== 'string' || clusterOf(clusterArn)?.resource !== 'cluster') return null;
  const [identityId, list] = [known?.get('identityId'), known?.get('policies')];
  if (!isTextOrNull(identityId) || !Array.isArray(list) || !list.every(isPolicy)) return null;
  const policies = list.map(([name, document]) => ({ name, document }));
  return {
    account,
    region,
    clusterArn,
    tokenKey: Buffer.alloc(0),
    accessKey: () => null,
    identityId: (arn) => (arn === identityArn ? identityId : null),
    policies: (arn) => (arn === identityArn ? policies : []),
  };
}

type Members = ReadonlyMap<string, unknown>;

function membersOf(value: unknown): Members | null {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function isPolicy(value: unknown): value is [name: string, document: string] {
  return Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === 'string');
}
