import { scramLogins } from '../access/scram-logins.ts';
import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import { page } from '../aws/paging.ts';
import type { Control } from '../control.ts';
import { mskPolicy } from '../json/resource-policy.ts';
import type { Cluster } from '../state/cluster.ts';
import { CURRENT, loginIn, type Secret, versionAt } from '../state/secret.ts';
import { ARN, operation, PAGE } from './operation.ts';
import { list, structure } from './shape.ts';

/** MSK's quotas. */
const MOST_SECRETS_OF_A_CALL = 10;
const MOST_USERS_OF_A_CLUSTER = 1_000;

const BATCH = structure({
  ClusterArn: ARN,
  secretArnList: list(ARN, { min: 1, max: MOST_SECRETS_OF_A_CALL }),
});

interface Unprocessed {
  readonly secretArn: string;
  readonly errorCode: string;
  readonly errorMessage: string;
}

/**
 * Each secret for itself: those that cannot be used are told, and the others are associated, all of them at
 * once.
 */
export const batchAssociateScramSecret = operation({
  name: 'BatchAssociateScramSecret',
  input: BATCH,
  handle: (control, { ClusterArn, secretArnList }) => {
    const cluster = scramCluster(control, ClusterArn);
    if (isApiError(cluster)) return cluster;
    const unprocessed: Unprocessed[] = [];
    const associated = [...control.store.clusters.scram.of(cluster.arn).secrets];
    for (const secretArn of secretArnList) {
      const usable = usableSecret(control, secretArn, associated);
      if ('secretArn' in usable) {
        unprocessed.push(usable);
        continue;
      }
      letMskRead(control, usable);
      if (!associated.includes(secretArn)) associated.push(secretArn);
    }
    control.store.execute(({ scram }) => scram.associate(cluster.arn, associated));
    return { clusterArn: cluster.arn, unprocessedScramSecrets: unprocessed };
  },
});

export const batchDisassociateScramSecret = operation({
  name: 'BatchDisassociateScramSecret',
  input: BATCH,
  handle: (control, { ClusterArn, secretArnList }) => {
    const cluster = control.store.clusters.get(ClusterArn);
    if (isApiError(cluster)) return cluster;
    const { secrets } = control.store.clusters.scram.of(cluster.arn);
    const unprocessed = secretArnList
      .filter((secretArn) => !secrets.includes(secretArn))
      .map((secretArn) => refused(secretArn, 'The provided secret is not associated with this cluster.'));
    control.store.execute(({ scram }) => scram.dissociate(cluster.arn, secretArnList));
    return { clusterArn: cluster.arn, unprocessedScramSecrets: unprocessed };
  },
});

export const listScramSecrets = operation({
  name: 'ListScramSecrets',
  input: structure({ ClusterArn: ARN, ...PAGE }),
  handle: (control, input) => {
    const cluster = control.store.clusters.get(input.ClusterArn);
    if (isApiError(cluster)) return cluster;
    const { secrets } = control.store.clusters.scram.of(cluster.arn);
    const paged = page([...secrets].sort(), {
      ...input,
      key: (arn) => arn,
      scope: `scram-secrets/${cluster.arn}`,
    });
    return isApiError(paged) ? paged : { secretArnList: paged.items, nextToken: paged.nextToken };
  },
});

/** The cluster, when secrets can be associated with it. */
function scramCluster({ store }: Control, arn: string): Cluster | ApiError {
  const cluster = store.clusters.get(arn);
  if (isApiError(cluster)) return cluster;
  if (!cluster.spec.clientAuthentication?.sasl?.scram?.enabled)
    return badRequest(`SASL/SCRAM is not enabled for the cluster ${cluster.name}.`, 'clusterArn');
  return cluster.state === 'CREATING' || cluster.state === 'FAILED' || cluster.state === 'DELETING'
    ? badRequest(`Secrets cannot be associated with a cluster that is ${cluster.state}.`, 'clusterArn')
    : cluster;
}

/** `associated`: the secrets that the cluster has, and those of the same call before this one. */
function usableSecret(
  { sealed }: Control,
  secretArn: string,
  associated: readonly string[],
): Secret | Unprocessed {
  const name = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:(.+)$/.exec(secretArn)?.[1];
  if (!name?.startsWith('AmazonMSK_'))
    return refused(
      secretArn,
      "The provided secret arn cannot be used with Amazon MSK. Secret names must have the prefix 'AmazonMSK_'",
    );
  const secret = sealed.secrets.live(secretArn);
  if ('fault' in secret || secret.arn !== secretArn) return refused(secretArn, NOT_ACCESSIBLE);
  const { kmsKeyId } = secret;
  if (kmsKeyId === null || kmsKeyId.endsWith('alias/aws/secretsmanager'))
    return refused(
      secretArn,
      "The provided secret is encrypted with the default key. You can't use this secret with Amazon MSK.",
    );
  const key = sealed.keys.get(kmsKeyId);
  if ('fault' in key || key.removedAt !== null) return refused(secretArn, NOT_ACCESSIBLE);
  const version = versionAt(secret, CURRENT);
  const login = version && loginIn(version);
  if (!login)
    return refused(
      secretArn,
      'The provided secret must be a JSON object with the members username and password, both not empty.',
    );
  const other = scramLogins(sealed.secrets, associated).get(login.username);
  if (other && other.secret !== secretArn)
    return refused(secretArn, 'Another secret of this cluster has the same user name.');
  return associated.length >= MOST_USERS_OF_A_CLUSTER && !associated.includes(secretArn)
    ? refused(secretArn, `A cluster can have up to ${MOST_USERS_OF_A_CLUSTER} secrets.`)
    : secret;
}

const NOT_ACCESSIBLE = "Amazon MSK wasn't able to access the provided secret.";

/** One code is known of AWS for all of them. */
function refused(secretArn: string, errorMessage: string): Unprocessed {
  return { secretArn, errorCode: 'InvalidSecretArn', errorMessage };
}

/** MSK gives itself the right to read a secret that has no policy; one that has is its owner's to change. */
function letMskRead({ sealed }: Control, { arn, policy }: Secret): void {
  if (policy === null) sealed.execute(({ secrets }) => secrets.setPolicy(arn, mskPolicy(arn)));
}
