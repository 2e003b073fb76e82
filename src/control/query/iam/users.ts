import { optional, string, structure } from '../../api/shape.ts';
import { iamArn } from '../../aws/arn.ts';
import type { IamUser } from '../../state/iam/identity.ts';
import { createUser as create, deleteUser as remove } from '../../state/iam/users.ts';
import { QueryError } from '../query-error.ts';
import { queryOperation } from '../query-operation.ts';
import { iamPage } from './iam-page.ts';
import { PAGE, PATH, PATH_PREFIX, TAG_LIST, tagList, tagsOf, USER_NAME } from './iam-shapes.ts';
import { newId } from './new-ids.ts';

export const createUser = queryOperation({
  name: 'CreateUser',
  input: structure({
    UserName: USER_NAME,
    Path: optional(PATH),
    PermissionsBoundary: optional(string({ max: 2048 })),
    Tags: optional(TAG_LIST),
  }),
  handle: ({ options, sealed }, { UserName: name, Path: path = '/', PermissionsBoundary, Tags }) => {
    if (PermissionsBoundary !== undefined)
      return new QueryError('InvalidInput', 'PermissionsBoundary is not built yet.');
    const user = sealed.execute(({ iam }) =>
      create(iam, {
        arn: iamArn(options, 'user', path, name),
        id: newId('AIDA'),
        name,
        path,
        createdAt: Date.now(),
        tags: tagsOf(Tags),
      }),
    );
    return user instanceof QueryError ? user : { User: described(user) };
  },
});

export const getUser = queryOperation({
  name: 'GetUser',
  // Without a name it is the user that signs; nobody has to sign here.
  input: structure({ UserName: USER_NAME }),
  handle: ({ sealed }, { UserName }) => {
    const user = sealed.iam.user(UserName);
    return user instanceof QueryError ? user : { User: described(user) };
  },
});

export const listUsers = queryOperation({
  name: 'ListUsers',
  input: structure({ PathPrefix: optional(PATH_PREFIX), ...PAGE }),
  handle: ({ sealed }, { PathPrefix = '/', ...asked }) =>
    iamPage(
      'Users',
      sealed.iam.users().filter(({ path }) => path.startsWith(PathPrefix)),
      ({ name }) => name,
      asked,
      withoutTags,
    ),
});

export const deleteUser = queryOperation({
  name: 'DeleteUser',
  input: structure({ UserName: USER_NAME }),
  handle: ({ sealed }, { UserName }) => {
    const user = sealed.execute(({ iam }) => remove(iam, UserName));
    return user instanceof QueryError ? user : null;
  },
});

/** There are no groups: tools ask before they delete a user. */
export const listGroupsForUser = queryOperation({
  name: 'ListGroupsForUser',
  input: structure({ UserName: USER_NAME, ...PAGE }),
  handle: ({ sealed }, { UserName }) => {
    const user = sealed.iam.user(UserName);
    return user instanceof QueryError ? user : { Groups: [], IsTruncated: false };
  },
});

/** Lists leave out tags, as IAM's do. */
function withoutTags({ arn, id, name, path, createdAt }: IamUser): object {
  return { Path: path, UserName: name, UserId: id, Arn: arn, CreateDate: new Date(createdAt) };
}

function described(user: IamUser): object {
  return { ...withoutTags(user), Tags: tagList(user.tags) };
}
