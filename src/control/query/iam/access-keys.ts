import { oneOf, string, structure } from '../../api/shape.ts';
import { addAccessKey, removeAccessKey, setAccessKey } from '../../state/iam/access-keys.ts';
import type { AccessKey } from '../../state/iam/identity.ts';
import { QueryError } from '../query-error.ts';
import { queryOperation } from '../query-operation.ts';
import { PAGE, USER_NAME } from './iam-shapes.ts';
import { newAccessKeyId, newSecret } from './new-ids.ts';

const KEY_ID = string({
  min: 16,
  max: 128,
  pattern: /^\w+$/,
  says: 'may have letters, digits and underscores',
});

/** The only answer that has the secret. */
export const createAccessKey = queryOperation({
  name: 'CreateAccessKey',
  input: structure({ UserName: USER_NAME }),
  handle: ({ sealed }, { UserName }) => {
    const key: AccessKey = {
      id: newAccessKeyId('AKIA'),
      secret: newSecret(),
      active: true,
      createdAt: Date.now(),
    };
    const user = sealed.execute(({ iam }) => addAccessKey(iam, UserName, key));
    if (user instanceof QueryError) return user;
    const { CreateDate, ...shown } = described(UserName, key);
    return { AccessKey: { ...shown, SecretAccessKey: key.secret, CreateDate } };
  },
});

export const listAccessKeys = queryOperation({
  name: 'ListAccessKeys',
  input: structure({ UserName: USER_NAME, ...PAGE }),
  handle: ({ sealed }, { UserName }) => {
    const user = sealed.iam.user(UserName);
    if (user instanceof QueryError) return user;
    return {
      AccessKeyMetadata: user.accessKeys.map((key) => described(UserName, key)),
      IsTruncated: false,
    };
  },
});

export const updateAccessKey = queryOperation({
  name: 'UpdateAccessKey',
  input: structure({ UserName: USER_NAME, AccessKeyId: KEY_ID, Status: oneOf('Active', 'Inactive') }),
  handle: ({ sealed }, { UserName, AccessKeyId, Status }) => {
    const user = sealed.execute(({ iam }) => setAccessKey(iam, UserName, AccessKeyId, Status === 'Active'));
    return user instanceof QueryError ? user : null;
  },
});

export const deleteAccessKey = queryOperation({
  name: 'DeleteAccessKey',
  input: structure({ UserName: USER_NAME, AccessKeyId: KEY_ID }),
  handle: ({ sealed }, { UserName, AccessKeyId }) => {
    const user = sealed.execute(({ iam }) => removeAccessKey(iam, UserName, AccessKeyId));
    return user instanceof QueryError ? user : null;
  },
});

function described(UserName: string, { id, active, createdAt }: AccessKey) {
  return {
    UserName,
    AccessKeyId: id,
    Status: active ? 'Active' : 'Inactive',
    CreateDate: new Date(createdAt),
  };
}
