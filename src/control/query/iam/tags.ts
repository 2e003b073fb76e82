import { type Shape, structure } from '../../api/shape.ts';
import type { Iam } from '../../state/iam/iam.ts';
import type { Identity } from '../../state/iam/identity.ts';
import { tagIdentity, untagIdentity } from '../../state/iam/identity-tags.ts';
import { QueryError } from '../query-error.ts';
import { type QueryOperation, queryOperation } from '../query-operation.ts';
import { iamPage } from './iam-page.ts';
import { PAGE, POLICY_ARN, ROLE_NAME, TAG_KEYS, TAG_LIST, tagList, tagsOf, USER_NAME } from './iam-shapes.ts';
import { ABSENT } from './owner.ts';

export const [tagUser, untagUser, listUserTags] = operationsOf('User', 'UserName', USER_NAME, (iam, name) =>
  iam.user(name),
);
export const [tagRole, untagRole, listRoleTags] = operationsOf('Role', 'RoleName', ROLE_NAME, (iam, name) =>
  iam.role(name),
);
export const [tagPolicy, untagPolicy, listPolicyTags] = operationsOf(
  'Policy',
  'PolicyArn',
  POLICY_ARN,
  (iam, arn) => iam.policy(arn),
);

type NamingMember = 'UserName' | 'RoleName' | 'PolicyArn';

/** `member`: what names the one that is meant. */
function operationsOf(
  of: 'User' | 'Role' | 'Policy',
  member: NamingMember,
  shape: Shape<string>,
  find: (iam: Iam, named: string) => Identity | QueryError,
): [QueryOperation, QueryOperation, QueryOperation] {
  const own: Readonly<Record<NamingMember, Shape<string | undefined>>> = {
    UserName: ABSENT,
    RoleName: ABSENT,
    PolicyArn: ABSENT,
    [member]: shape,
  };
  const named = (input: { readonly [name in NamingMember]?: string }): string => input[member] ?? '';
  return [
    queryOperation({
      name: `Tag${of}`,
      input: structure({ ...own, Tags: TAG_LIST }),
      handle: ({ sealed }, { Tags, ...input }) => {
        const tagged = sealed.execute(({ iam }) => tagIdentity(find(iam, named(input)), tagsOf(Tags)));
        return tagged instanceof QueryError ? tagged : null;
      },
    }),
    queryOperation({
      name: `Untag${of}`,
      input: structure({ ...own, TagKeys: TAG_KEYS }),
      handle: ({ sealed }, { TagKeys, ...input }) => {
        const left = sealed.execute(({ iam }) => untagIdentity(find(iam, named(input)), TagKeys));
        return left instanceof QueryError ? left : null;
      },
    }),
    queryOperation({
      name: `List${of}Tags`,
      input: structure({ ...own, ...PAGE }),
      handle: ({ sealed }, { Marker, MaxItems, ...input }) => {
        const one = find(sealed.iam, named(input));
        if (one instanceof QueryError) return one;
        const tags = tagList(one.tags).sort((a, b) => (a.Key < b.Key ? -1 : 1));
        return iamPage(
          'Tags',
          tags,
          ({ Key }) => Key,
          { Marker, MaxItems },
          (tag) => tag,
        );
      },
    }),
  ];
}
