import { structure } from '../../api/shape.ts';
import { policyOf, putPolicy, removePolicy } from '../../state/iam/inline-policies.ts';
import { QueryError } from '../query-error.ts';
import { type QueryOperation, queryOperation } from '../query-operation.ts';
import { iamPage } from './iam-page.ts';
import { DOCUMENT, encodedDocument, PAGE, POLICY_NAME } from './iam-shapes.ts';
import { type Owner, ownerName, ownerOf } from './owner.ts';
import { wrongPolicy } from './policy-document.ts';

export const [putUserPolicy, getUserPolicy, listUserPolicies, deleteUserPolicy] = operationsOf('User');
export const [putRolePolicy, getRolePolicy, listRolePolicies, deleteRolePolicy] = operationsOf('Role');

function operationsOf(of: Owner): [QueryOperation, QueryOperation, QueryOperation, QueryOperation] {
  const own = ownerName(of);
  return [
    queryOperation({
      name: `Put${of}Policy`,
      input: structure({ ...own, PolicyName: POLICY_NAME, PolicyDocument: DOCUMENT }),
      handle: ({ sealed }, { PolicyName, PolicyDocument, ...owner }) => {
        const wrong = wrongPolicy(PolicyDocument);
        if (wrong) return wrong;
        const put = sealed.execute(({ iam }) => putPolicy(ownerOf(iam, owner), PolicyName, PolicyDocument));
        return put instanceof QueryError ? put : null;
      },
    }),
    queryOperation({
      name: `Get${of}Policy`,
      input: structure({ ...own, PolicyName: POLICY_NAME }),
      handle: ({ sealed }, { PolicyName, ...named }) => {
        const owner = ownerOf(sealed.iam, named);
        if (owner instanceof QueryError) return owner;
        const document = policyOf(owner, PolicyName);
        if (document instanceof QueryError) return document;
        return { [`${of}Name`]: owner.name, PolicyName, PolicyDocument: encodedDocument(document) };
      },
    }),
    queryOperation({
      name: `List${of}Policies`,
      input: structure({ ...own, ...PAGE }),
      handle: ({ sealed }, { Marker, MaxItems, ...named }) => {
        const owner = ownerOf(sealed.iam, named);
        if (owner instanceof QueryError) return owner;
        const names = Object.keys(owner.policies).sort();
        return iamPage(
          'PolicyNames',
          names,
          (name) => name,
          { Marker, MaxItems },
          (name) => name,
        );
      },
    }),
    queryOperation({
      name: `Delete${of}Policy`,
      input: structure({ ...own, PolicyName: POLICY_NAME }),
      handle: ({ sealed }, { PolicyName, ...owner }) => {
        const left = sealed.execute(({ iam }) => removePolicy(ownerOf(iam, owner), PolicyName));
        return left instanceof QueryError ? left : null;
      },
    }),
  ];
}
