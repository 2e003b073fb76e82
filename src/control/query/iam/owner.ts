import type { Shape } from '../../api/shape.ts';
import type { Iam } from '../../state/iam/iam.ts';
import type { IamRole, IamUser } from '../../state/iam/identity.ts';
import type { QueryError } from '../query-error.ts';
import { ROLE_NAME, USER_NAME } from './iam-shapes.ts';

/** Users and roles have the same operations, under names that begin or end with what they are of. */
export type Owner = 'User' | 'Role';

/** The member that names the user or the role. */
export function ownerName(
  owner: Owner,
): Readonly<Record<'UserName' | 'RoleName', Shape<string | undefined>>> {
  return owner === 'User'
    ? { UserName: USER_NAME, RoleName: ABSENT }
    : { UserName: ABSENT, RoleName: ROLE_NAME };
}

/** A member that an operation does not have. */
export const ABSENT: Shape<undefined> = { optional: true, schema: {}, parse: () => undefined };

export function ownerOf(
  iam: Iam,
  { UserName, RoleName }: { readonly UserName?: string | undefined; readonly RoleName?: string | undefined },
): IamUser | IamRole | QueryError {
  return UserName === undefined ? iam.role(RoleName ?? '') : iam.user(UserName);
}
