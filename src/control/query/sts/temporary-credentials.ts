import { NodeRandom } from '../../../platform/node-random.ts';
import { sealSessionToken, type TemporaryCredentials } from '../../../security/iam/session-token.ts';
import type { SealedStore } from '../../sealed/sealed-store.ts';
import type { IamRole, IamUser } from '../../state/iam/identity.ts';
import { tokenKey } from '../../state/iam/token-key.ts';
import { newAccessKeyId, newSecret } from '../iam/new-ids.ts';

/** New credentials that end by themselves, as answers of STS have them. Throws StoreError. */
export function temporaryCredentials(
  sealed: SealedStore,
  {
    identity,
    ...session
  }: Pick<TemporaryCredentials, 'principalArn' | 'expiresAt' | 'sessionPolicy'> & {
    /** Whose policies count. */
    readonly identity: IamUser | IamRole;
  },
): object {
  const random = new NodeRandom();
  const key = tokenKey(sealed, (bytes) => random.bytes(bytes));
  const accessKeyId = newAccessKeyId('ASIA');
  const secret = newSecret();
  const credentials = { ...session, accessKeyId, secret, identityArn: identity.arn, identityId: identity.id };
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secret,
    SessionToken: sealSessionToken(credentials, key, random),
    Expiration: new Date(session.expiresAt),
  };
}
