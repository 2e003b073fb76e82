import type { Secret } from '../state/secret.ts';
import { seconds } from './json-operation.ts';

/** DescribeSecret: everything but the value. */
export function describedSecret(secret: Secret): object {
  return { ...shared(secret), VersionIdsToStages: stagesByVersion(secret) };
}

/** An entry of ListSecrets. */
export function listedSecret(secret: Secret): object {
  return { ...shared(secret), SecretVersionsToStages: stagesByVersion(secret) };
}

function shared(secret: Secret): object {
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.description === null ? {} : { Description: secret.description }),
    ...(secret.kmsKeyId === null ? {} : { KmsKeyId: secret.kmsKeyId }),
    LastChangedDate: seconds(secret.changedAt),
    ...(secret.deletedAt === null ? {} : { DeletedDate: seconds(secret.deletedAt) }),
    Tags: Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value })),
    CreatedDate: seconds(secret.createdAt),
  };
}

function stagesByVersion({ versions }: Secret): Record<string, readonly string[]> {
  return Object.fromEntries(versions.map(({ id, stages }) => [id, stages]));
}
