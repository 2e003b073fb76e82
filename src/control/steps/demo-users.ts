import { RefusedStart } from '../../base/refused.ts';
import { scramChange } from '../access/scram-logins.ts';
import { batchAssociateScramSecret } from '../api/scram-secrets.ts';
import { isApiError } from '../aws/api-error.ts';
import type { Control } from '../control.ts';
import { isFault } from '../json/fault.ts';
import type { JsonOperation } from '../json/json-operation.ts';
import { createAlias, createKey } from '../json/kms.ts';
import { createSecret, putSecretValue } from '../json/secrets-manager.ts';
import { CURRENT, loginIn, versionAt } from '../state/secret.ts';

/** Who signs in to the cluster of `millrace up`, and with what. */
export interface DemoUser {
  readonly name: string;
  readonly password: string;
}

const KEY = 'alias/millrace-up';

/**
 * Gives each user a secret, as a person would with AWS's tools, and associates these with the cluster; a
 * secret that is there gets the password. Resolves when the brokers know them. The cluster serves, with
 * SCRAM. Throws StoreError and, where a user cannot have a secret, RefusedStart.
 */
export async function giveDemoUsers(
  control: Control,
  clusterArn: string,
  users: readonly DemoUser[],
): Promise<void> {
  const secretArnList = users.map((user) => secretOf(control, user));
  const answer = await batchAssociateScramSecret.run(
    control,
    { ClusterArn: clusterArn, secretArnList },
    { host: null },
  );
  if (answer !== null && isApiError(answer)) throw new RefusedStart('USERS', answer.message);
  const refused = /"errorMessage":"([^"]+)"/.exec(JSON.stringify(answer))?.[1];
  if (refused !== undefined) throw new RefusedStart('USERS', refused);
  await new Promise<void>((known) => {
    const look = (): void => {
      const association = control.store.clusters.scram.of(clusterArn);
      if (scramChange(control.sealed.secrets, association, 1) === null) known();
    };
    control.store.onRecord(look);
    look();
  });
}

/** The ARN of the user's secret, which has the password. */
function secretOf(control: Control, { name, password }: DemoUser): string {
  const secretName = `AmazonMSK_${name}`;
  const value = JSON.stringify({ username: name, password });
  const there = control.sealed.secrets.get(secretName);
  if (isFault(there)) {
    makeKey(control);
    ask(control, createSecret, { Name: secretName, KmsKeyId: KEY, SecretString: value });
  } else {
    const version = versionAt(there, CURRENT);
    const login = version && loginIn(version);
    if (login?.username !== name || login.password !== password)
      ask(control, putSecretValue, { SecretId: there.arn, SecretString: value });
  }
  const secret = control.sealed.secrets.live(secretName);
  if (isFault(secret)) throw new RefusedStart('USERS', secret.message);
  return secret.arn;
}

/** MSK takes no secret under AWS's own key. */
function makeKey(control: Control): void {
  if (!isFault(control.sealed.keys.get(KEY))) return;
  const { KeyMetadata } = ask(control, createKey, { Description: 'Secrets of millrace up' });
  const id =
    typeof KeyMetadata === 'object' && KeyMetadata && 'KeyId' in KeyMetadata ? KeyMetadata.KeyId : '';
  ask(control, createAlias, { AliasName: KEY, TargetKeyId: id });
}

function ask(control: Control, operation: JsonOperation, input: object): { readonly KeyMetadata?: unknown } {
  const answer = operation.run(control, input);
  if (isFault(answer)) throw new RefusedStart('USERS', `${operation.name}: ${answer.message}`);
  return answer;
}
