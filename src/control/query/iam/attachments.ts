import { optional, structure } from '../../api/shape.ts';
import { attachPolicy, detachPolicy } from '../../state/iam/managed-policies.ts';
import { QueryError } from '../query-error.ts';
import { type QueryOperation, queryOperation } from '../query-operation.ts';
import { iamPage } from './iam-page.ts';
import { PAGE, PATH_PREFIX, POLICY_ARN } from './iam-shapes.ts';
import { type Owner, ownerName, ownerOf } from './owner.ts';

export const [attachUserPolicy, detachUserPolicy, listAttachedUserPolicies] = operationsOf('User');
export const [attachRolePolicy, detachRolePolicy, listAttachedRolePolicies] = operationsOf('Role');

function operationsOf(of: Owner): [QueryOperation, QueryOperation, QueryOperation] {
  const own = ownerName(of);
  return [
    queryOperation({
      name: `Attach${of}Policy`,
      input: structure({ ...own, PolicyArn: POLICY_ARN }),
      handle: ({ sealed }, { PolicyArn, ...owner }) => {
        const attached = sealed.execute(({ iam }) => attachPolicy(iam, ownerOf(iam, owner), PolicyArn));
        return attached instanceof QueryError ? attached : null;
      },
    }),
    queryOperation({
      name: `Detach${of}Policy`,
      input: structure({ ...own, PolicyArn: POLICY_ARN }),
      handle: ({ sealed }, { PolicyArn, ...owner }) => {
        const left = sealed.execute(({ iam }) => detachPolicy(ownerOf(iam, owner), PolicyArn));
        return left instanceof QueryError ? left : null;
      },
    }),
    queryOperation({
      name: `ListAttached${of}Policies`,
      input: structure({ ...own, PathPrefix: optional(PATH_PREFIX), ...PAGE }),
      handle: ({ sealed }, { PathPrefix = '/', Marker, MaxItems, ...named }) => {
        const owner = ownerOf(sealed.iam, named);
        if (owner instanceof QueryError) return owner;
        const policies = sealed.iam
          .policies()
          .filter(({ arn, path }) => owner.attached.includes(arn) && path.startsWith(PathPrefix));
        return iamPage(
          'AttachedPolicies',
          policies,
          ({ name }) => name,
          { Marker, MaxItems },
          ({ name, arn }) => ({ PolicyName: name, PolicyArn: arn }),
        );
      },
    }),
  ];
}
