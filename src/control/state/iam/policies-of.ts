import type { IamPolicy } from '../../../security/iam/directory.ts';
import type { Iam } from './iam.ts';
import { documentOf, type IamRole, type IamUser, type ManagedPolicy } from './identity.ts';

/** The same object for all who have the policy, until it changes. */
const SHARED = new WeakMap<ManagedPolicy, IamPolicy>();

/** Its own policies, then those that are attached, in the versions that count. */
export function policiesOf(iam: Iam, { policies, attached }: IamUser | IamRole): IamPolicy[] {
  const own = Object.entries(policies).map(([name, document]) => ({ name, document }));
  const managed = attached.map((arn) => iam.byArn(arn)).filter((one) => one?.kind === 'policy');
  return [...own, ...managed.map(sharedPolicy)];
}

function sharedPolicy(policy: ManagedPolicy): IamPolicy {
  let shared = SHARED.get(policy);
  if (!shared) {
    shared = { name: policy.arn, document: documentOf(policy) };
    SHARED.set(policy, shared);
  }
  return shared;
}
