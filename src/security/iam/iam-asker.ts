import type { IamDirectory, IamIdentity } from './directory.ts';
import type { ConditionKey } from './policy/condition-keys.ts';
import { policyDateText } from './policy/policy-date.ts';
import type { RequestContext } from './policy/value-template.ts';

/** Who asks for something after it signed in by IAM, and from where. */
export interface IamAsker {
  readonly identity: IamIdentity;
  /** An IP address as text. */
  readonly host: string;
}

/** The name of the session of a role. */
const SESSION = /:assumed-role\/[^/]+\/(.+)$/;
const USER = /^arn:[^:]+:iam::\d+:user\/(?:.*\/)?([^/]+)$/;

/**
 * What the conditions of policies can ask of a request. `nowMs`: since 1970. `isSecure`: whether it came by
 * TLS.
 */
export function contextOf(
  { identity, host }: IamAsker,
  directory: Pick<IamDirectory, 'account' | 'region' | 'identityId'>,
  { nowMs, isSecure }: { readonly nowMs: number; readonly isSecure: boolean },
): RequestContext {
  const { identityArn, principalArn } = identity;
  const [, userName] = USER.exec(identityArn) ?? [];
  const context: [ConditionKey, string][] = [
    ['aws:PrincipalArn', identityArn],
    ['aws:PrincipalAccount', identityArn.split(':')[4] ?? ''],
    ['aws:PrincipalType', userName === undefined ? 'AssumedRole' : 'User'],
    ['aws:SourceIp', host],
    ['aws:SecureTransport', String(isSecure)],
    ['aws:CurrentTime', policyDateText(nowMs)],
    ['aws:EpochTime', String(Math.floor(nowMs / 1000))],
    ['aws:RequestedRegion', directory.region],
    ['aws:ResourceAccount', directory.account],
  ];
  if (userName !== undefined) context.push(['aws:username', userName]);
  const id = directory.identityId(identityArn);
  const [, session] = SESSION.exec(principalArn) ?? [];
  if (id !== null) context.push(['aws:userid', session === undefined ? id : `${id}:${session}`]);
  return new Map(context.map(([key, value]) => [key.toLowerCase(), value]));
}
