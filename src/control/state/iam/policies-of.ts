import type { IamPolicy } from '../../../security/iam/directory.ts';
import type { Iam } from './iam.ts';
import { documentOf, type IamRole, type IamUser } from './identity.ts';

/** Its own policies, then those that are attached, in the versions that count. */
export function policiesOf(iam: Iam, { policies, attached }: IamUser | IamRole): IamPolicy[] {
  const shared = iam.policies().filter(({ arn }) => attached.includes(arn));
  return [
    ...Object.entries(policies).map(([name, document]) => ({ name, document })),
    ...shared.map((policy) => ({ name: policy.arn, document: documentOf(policy) })),
  ];
}
