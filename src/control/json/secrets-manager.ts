import { randomInt, randomUUID } from 'node:crypto';
import type { Decision } from '../../base/decision.ts';
import { boolean, integer, list, oneOf, optional, string, structure } from '../api/shape.ts';
import { secretArn } from '../aws/arn.ts';
import { page } from '../aws/paging.ts';
import type { SealedRecord } from '../state/sealed-records.ts';
import { CURRENT, type Secret, versionAt } from '../state/secret.ts';
import type { NewVersion, Secrets } from '../state/secrets.ts';
import { type Fault, fault, isFault } from './fault.ts';
import { type JsonControl, jsonOperation, seconds } from './json-operation.ts';
import { policyFault } from './resource-policy.ts';
import { describedSecret, listedSecret } from './secret-description.ts';
import { FILTER_KEYS, passes } from './secret-filters.ts';
import {
  ANYTHING,
  givenValue,
  POLICY,
  POLICY_NAME,
  ROTATION_TOKEN,
  SECRET_ID,
  STAGE,
  TAG_KEYS,
  TAGS,
  TOKEN,
  tagMap,
  VALUE,
} from './secret-shapes.ts';

/** Days that a secret can be restored. */
const WINDOW = { min: 7, max: 30 };
const SUFFIX_LENGTH = 6;
const SUFFIX_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const KMS_KEY_ID = optional(string({ max: 2048 }));

export const createSecret = jsonOperation({
  name: 'secretsmanager.CreateSecret',
  input: structure({
    Name: string({
      min: 1,
      max: 512,
      pattern: /^[A-Za-z0-9/_+=.@!-]+$/,
      says: 'must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    }),
    ClientRequestToken: TOKEN,
    Description: optional(string({ max: 2048 })),
    KmsKeyId: KMS_KEY_ID,
    Tags: optional(TAGS),
    AddReplicaRegions: ANYTHING,
    Type: ANYTHING,
    ForceOverwriteReplicaSecret: optional(boolean),
    CrossAccountPrimaryARN: ANYTHING,
    ...VALUE,
  }),
  handle: (control, input) => {
    if (input.CrossAccountPrimaryARN !== undefined)
      return notBuilt('A replica of a secret of another account');
    if (input.AddReplicaRegions !== undefined) return notBuilt('The replication of secrets to other regions');
    if (input.Type !== undefined) return notBuilt('A secret that a partner manages');
    const value = givenValue(input);
    if (value !== null && isFault(value)) return value;
    const unusable = keyFault(control, input.KmsKeyId);
    if (unusable) return unusable;
    const versionId = input.ClientRequestToken ?? randomUUID();
    const made = changed(control, (secrets) =>
      secrets.create({
        arn: secretArn(control.options, input.Name, newSuffix()),
        name: input.Name,
        description: input.Description ?? null,
        kmsKeyId: input.KmsKeyId || null,
        tags: tagMap(input.Tags),
        value,
        versionId,
        now: Date.now(),
      }),
    );
    if (isFault(made)) return made;
    return { ...named(made), ...(value === null ? {} : { VersionId: versionId }) };
  },
});

export const getSecretValue = jsonOperation({
  name: 'secretsmanager.GetSecretValue',
  input: structure({
    SecretId: SECRET_ID,
    VersionId: optional(string({ max: 64 })),
    VersionStage: optional(STAGE),
  }),
  handle: (control, { SecretId, VersionId, VersionStage }) => {
    const secret = control.sealed.secrets.live(SecretId);
    if (isFault(secret)) return secret;
    const stage = VersionStage ?? (VersionId === undefined ? CURRENT : undefined);
    const version =
      VersionId === undefined
        ? versionAt(secret, stage ?? CURRENT)
        : secret.versions.find(({ id }) => id === VersionId);
    if (!version || (stage !== undefined && !version.stages.includes(stage)))
      return fault(
        'ResourceNotFoundException',
        `Secrets Manager can't find the specified secret value for ${
          VersionId === undefined ? `staging label: ${stage}` : `VersionId: ${VersionId}`
        }`,
      );
    return {
      ...named(secret),
      VersionId: version.id,
      ...('text' in version.value
        ? { SecretString: version.value.text }
        : { SecretBinary: version.value.binary }),
      VersionStages: version.stages,
      CreatedDate: seconds(version.createdAt),
    };
  },
});

export const putSecretValue = jsonOperation({
  name: 'secretsmanager.PutSecretValue',
  input: structure({
    SecretId: SECRET_ID,
    ClientRequestToken: TOKEN,
    VersionStages: optional(list(STAGE, { min: 1, max: 20 })),
    RotationToken: ROTATION_TOKEN,
    ...VALUE,
  }),
  handle: (control, input) => {
    const version = newVersion(input, input.VersionStages ?? [CURRENT]);
    if (version === null)
      return fault('InvalidParameterException', 'You must provide either SecretString or SecretBinary.');
    if (isFault(version)) return version;
    const secret = changed(control, (secrets) => secrets.putValue(input.SecretId, version, Date.now()));
    if (isFault(secret)) return secret;
    return { ...named(secret), VersionId: version.versionId, VersionStages: version.stages };
  },
});

export const updateSecret = jsonOperation({
  name: 'secretsmanager.UpdateSecret',
  input: structure({
    SecretId: SECRET_ID,
    ClientRequestToken: TOKEN,
    Description: optional(string({ max: 2048 })),
    KmsKeyId: KMS_KEY_ID,
    Type: ANYTHING,
    ...VALUE,
  }),
  handle: (control, input) => {
    if (input.Type !== undefined) return notBuilt('A secret that a partner manages');
    const version = newVersion(input, [CURRENT]);
    if (version !== null && isFault(version)) return version;
    const unusable = keyFault(control, input.KmsKeyId);
    if (unusable) return unusable;
    const change = {
      description: input.Description,
      kmsKeyId: input.KmsKeyId === undefined ? undefined : input.KmsKeyId || null,
      version,
    };
    const secret = changed(control, (secrets) => secrets.update(input.SecretId, change, Date.now()));
    if (isFault(secret)) return secret;
    return { ...named(secret), ...(version === null ? {} : { VersionId: version.versionId }) };
  },
});

export const describeSecret = jsonOperation({
  name: 'secretsmanager.DescribeSecret',
  input: structure({ SecretId: SECRET_ID }),
  handle: ({ sealed }, { SecretId }) => {
    const secret = sealed.secrets.get(SecretId);
    return isFault(secret) ? secret : describedSecret(secret);
  },
});

export const listSecrets = jsonOperation({
  name: 'secretsmanager.ListSecrets',
  input: structure({
    IncludePlannedDeletion: optional(boolean),
    MaxResults: optional(integer({ min: 1, max: 100 })),
    NextToken: optional(string({ min: 1, max: 4096 })),
    Filters: optional(
      list(
        structure({ Key: oneOf(...FILTER_KEYS), Values: list(string({ max: 512 }), { min: 1, max: 10 }) }),
        { max: 10 },
      ),
    ),
    SortOrder: optional(oneOf('asc')),
    SortBy: optional(oneOf('name')),
  }),
  handle: ({ sealed }, { IncludePlannedDeletion, MaxResults, NextToken, Filters = [] }) => {
    const found = sealed.secrets
      .all()
      .filter((secret) => IncludePlannedDeletion || secret.removedAt === null)
      .filter((secret) => passes(secret, Filters));
    const paged = page(found, {
      key: ({ name }) => name,
      scope: `secrets/${JSON.stringify(Filters)}`,
      maxResults: MaxResults,
      nextToken: NextToken,
    });
    if ('error' in paged) return fault('InvalidNextTokenException', paged.message);
    return { SecretList: paged.items.map(listedSecret), NextToken: paged.nextToken };
  },
});

export const deleteSecret = jsonOperation({
  name: 'secretsmanager.DeleteSecret',
  input: structure({
    SecretId: SECRET_ID,
    RecoveryWindowInDays: optional(integer({ min: 0, max: 1_000_000 })),
    ForceDeleteWithoutRecovery: optional(boolean),
  }),
  handle: (control, { SecretId, RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force }) => {
    if (force && days !== undefined)
      return fault(
        'InvalidParameterException',
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
      );
    if (days !== undefined && (days < WINDOW.min || days > WINDOW.max))
      return fault(
        'InvalidParameterException',
        `The RecoveryWindowInDays value must be between ${WINDOW.min} and ${WINDOW.max} days (inclusive).`,
      );
    const secret = changed(control, (secrets) => secrets.delete(SecretId, force ? null : days, Date.now()));
    return isFault(secret)
      ? secret
      : { ...named(secret), DeletionDate: seconds(secret.removedAt ?? Date.now()) };
  },
});

export const restoreSecret = jsonOperation({
  name: 'secretsmanager.RestoreSecret',
  input: structure({ SecretId: SECRET_ID }),
  handle: (control, { SecretId }) => answered(changed(control, (secrets) => secrets.restore(SecretId))),
});

export const tagSecret = jsonOperation({
  name: 'secretsmanager.TagResource',
  input: structure({ SecretId: SECRET_ID, Tags: TAGS }),
  handle: (control, { SecretId, Tags }) =>
    emptyUnlessFault(changed(control, (secrets) => secrets.tag(SecretId, tagMap(Tags)))),
});

export const untagSecret = jsonOperation({
  name: 'secretsmanager.UntagResource',
  input: structure({ SecretId: SECRET_ID, TagKeys: TAG_KEYS }),
  handle: (control, { SecretId, TagKeys }) =>
    emptyUnlessFault(changed(control, (secrets) => secrets.untag(SecretId, TagKeys))),
});

export const getResourcePolicy = jsonOperation({
  name: 'secretsmanager.GetResourcePolicy',
  input: structure({ SecretId: SECRET_ID, PolicyName: POLICY_NAME }),
  handle: ({ sealed }, { SecretId }) => {
    const secret = sealed.secrets.live(SecretId);
    if (isFault(secret)) return secret;
    return { ...named(secret), ...(secret.policy === null ? {} : { ResourcePolicy: secret.policy }) };
  },
});

export const putResourcePolicy = jsonOperation({
  name: 'secretsmanager.PutResourcePolicy',
  input: structure({
    SecretId: SECRET_ID,
    PolicyName: POLICY_NAME,
    ResourcePolicy: POLICY,
    BlockPublicPolicy: optional(boolean),
  }),
  handle: (control, { SecretId, ResourcePolicy, BlockPublicPolicy = false }) =>
    policyFault(ResourcePolicy, BlockPublicPolicy) ??
    answered(changed(control, (secrets) => secrets.setPolicy(SecretId, ResourcePolicy))),
});

export const deleteResourcePolicy = jsonOperation({
  name: 'secretsmanager.DeleteResourcePolicy',
  input: structure({ SecretId: SECRET_ID, PolicyName: POLICY_NAME }),
  handle: (control, { SecretId }) =>
    answered(changed(control, (secrets) => secrets.setPolicy(SecretId, null))),
});

function changed(
  { sealed }: JsonControl,
  decide: (secrets: Secrets) => Decision<SealedRecord, Secret | Fault>,
): Secret | Fault {
  return sealed.execute(({ secrets }) => decide(secrets));
}

function named({ arn, name }: Secret): { readonly ARN: string; readonly Name: string } {
  return { ARN: arn, Name: name };
}

function answered(secret: Secret | Fault): object {
  return isFault(secret) ? secret : named(secret);
}

function emptyUnlessFault(secret: Secret | Fault): object {
  return isFault(secret) ? secret : {};
}

/** Null when the request has no value. */
function newVersion(
  input: Parameters<typeof givenValue>[0] & { readonly ClientRequestToken?: string | undefined },
  stages: readonly string[],
): NewVersion | null | Fault {
  const value = givenValue(input);
  if (value === null || isFault(value)) return value;
  return { versionId: input.ClientRequestToken ?? randomUUID(), value, stages };
}

/** A key that is named must be one of this account, or the one that AWS manages. */
function keyFault({ sealed }: JsonControl, kmsKeyId: string | undefined): Fault | null {
  if (!kmsKeyId || kmsKeyId.endsWith('alias/aws/secretsmanager')) return null;
  const key = sealed.keys.get(kmsKeyId);
  return isFault(key) || key.removedAt !== null
    ? fault(
        'EncryptionFailure',
        "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is available, enabled, and not in an invalid state.",
      )
    : null;
}

function newSuffix(): string {
  const characters = Array.from(
    { length: SUFFIX_LENGTH },
    () => SUFFIX_CHARACTERS[randomInt(SUFFIX_CHARACTERS.length)],
  );
  return characters.join('');
}

function notBuilt(what: string): Fault {
  return fault('InvalidRequestException', `${what} is not built yet.`);
}
