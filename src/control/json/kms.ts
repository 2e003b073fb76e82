import { randomUUID } from 'node:crypto';
import type { Decision } from '../../base/decision.ts';
import { boolean, integer, list, optional, string, structure } from '../api/shape.ts';
import { kmsAliasArn, kmsKeyArn } from '../aws/arn.ts';
import { page } from '../aws/paging.ts';
import type { KmsKey } from '../state/kms-key.ts';
import type { KmsKeys } from '../state/kms-keys.ts';
import type { SealedRecord } from '../state/sealed-records.ts';
import { type Fault, fault, isFault } from './fault.ts';
import { type JsonControl, jsonOperation, seconds } from './json-operation.ts';

/** Days between the wish to delete a key and its removal. */
const WINDOW = { min: 7, max: 30 };
const KEY_ID = string({ min: 1, max: 2048 });
const ALIAS = string({
  min: 1,
  max: 256,
  pattern: /^[a-zA-Z0-9:/_-]+$/,
  says: 'may have letters, digits and the characters : / _ -',
});
/** There are no grants: whoever asks may do everything. */
const GRANT_TOKENS = optional(list(string({ min: 1, max: 8192 }), { max: 10 }));
const TAGS = list(structure({ TagKey: string({ min: 1, max: 128 }), TagValue: string({ max: 256 }) }), {
  max: 50,
});
/** KMS's own patterns. */
const LATIN = /^[\t\n\r\u0020-\u00ff]+$/;
const IN_LATIN =
  'may have characters of Latin-1, without other control characters than tabs and ends of lines';
const PAGE = {
  Limit: optional(integer({ min: 1, max: 1000 })),
  Marker: optional(string({ min: 1, max: 1024, pattern: LATIN, says: IN_LATIN })),
};
const WRONG_MARKER = fault('InvalidMarkerException', 'The Marker is not one that this list returned.');

export const createKey = jsonOperation({
  name: 'TrentService.CreateKey',
  input: structure({
    Policy: optional(string({ min: 1, max: 131_072, pattern: LATIN, says: IN_LATIN })),
    Description: optional(string({ max: 8192 })),
    KeyUsage: optional(string({ max: 64 })),
    KeySpec: optional(string({ max: 64 })),
    CustomerMasterKeySpec: optional(string({ max: 64 })),
    Origin: optional(string({ max: 64 })),
    MultiRegion: optional(boolean),
    CustomKeyStoreId: optional(string({ max: 64 })),
    XksKeyId: optional(
      string({
        min: 1,
        max: 128,
        pattern: /^[a-zA-Z0-9-_.]+$/,
        says: 'may have letters, digits and the characters - _ .',
      }),
    ),
    BypassPolicyLockoutSafetyCheck: optional(boolean),
    Tags: optional(TAGS),
  }),
  handle: (control, input) => {
    const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
    if (spec !== 'SYMMETRIC_DEFAULT' || (input.KeyUsage ?? 'ENCRYPT_DECRYPT') !== 'ENCRYPT_DECRYPT')
      return notBuilt('Another key than a symmetric one to encrypt with');
    if (input.MultiRegion) return notBuilt('A key of several regions');
    const isElsewhere = input.CustomKeyStoreId !== undefined || input.XksKeyId !== undefined;
    if (isElsewhere || (input.Origin ?? 'AWS_KMS') !== 'AWS_KMS')
      return notBuilt('A key with material from elsewhere');
    const id = randomUUID();
    const key = changed(control, (keys) =>
      keys.create({
        arn: kmsKeyArn(control.options, id),
        id,
        description: input.Description ?? '',
        createdAt: Date.now(),
        policy: input.Policy ?? defaultPolicy(control.options.account),
        tags: tagMap(input.Tags ?? []),
        aliases: [],
        removedAt: null,
      }),
    );
    return isFault(key) ? key : { KeyMetadata: metadata(control, key) };
  },
});

export const describeKey = jsonOperation({
  name: 'TrentService.DescribeKey',
  input: structure({ KeyId: KEY_ID, GrantTokens: GRANT_TOKENS }),
  handle: (control, { KeyId }) => {
    const key = control.sealed.keys.get(KeyId);
    return isFault(key) ? key : { KeyMetadata: metadata(control, key) };
  },
});

export const getKeyPolicy = jsonOperation({
  name: 'TrentService.GetKeyPolicy',
  input: structure({ KeyId: KEY_ID, PolicyName: optional(string({ min: 1, max: 128 })) }),
  handle: ({ sealed }, { KeyId, PolicyName = 'default' }) => {
    const key = sealed.keys.get(KeyId);
    if (isFault(key)) return key;
    return PolicyName === 'default'
      ? { Policy: key.policy, PolicyName }
      : fault('NotFoundException', 'No such policy exists');
  },
});

export const createAlias = jsonOperation({
  name: 'TrentService.CreateAlias',
  input: structure({ AliasName: ALIAS, TargetKeyId: KEY_ID }),
  handle: (control, { AliasName, TargetKeyId }) =>
    emptyUnlessFault(changed(control, (keys) => keys.addAlias(AliasName, TargetKeyId, Date.now()))),
});

export const deleteAlias = jsonOperation({
  name: 'TrentService.DeleteAlias',
  input: structure({ AliasName: ALIAS }),
  handle: (control, { AliasName }) =>
    emptyUnlessFault(changed(control, (keys) => keys.removeAlias(AliasName))),
});

export const listAliases = jsonOperation({
  name: 'TrentService.ListAliases',
  input: structure({ KeyId: optional(KEY_ID), ...PAGE }),
  handle: (control, { KeyId, Limit, Marker }) => {
    const only = KeyId === undefined ? null : control.sealed.keys.get(KeyId);
    if (only && isFault(only)) return only;
    const aliases = (only ? [only] : control.sealed.keys.all())
      .flatMap((key) => key.aliases.map((alias) => ({ ...alias, key: key.id })))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const paged = page(aliases, {
      key: ({ name }) => name,
      scope: `aliases/${KeyId ?? ''}`,
      maxResults: Limit,
      nextToken: Marker,
    });
    if ('error' in paged) return WRONG_MARKER;
    return {
      Aliases: paged.items.map(({ name, key, createdAt }) => ({
        AliasName: name,
        AliasArn: kmsAliasArn(control.options, name),
        TargetKeyId: key,
        CreationDate: seconds(createdAt),
        LastUpdatedDate: seconds(createdAt),
      })),
      Truncated: paged.nextToken !== undefined,
      NextMarker: paged.nextToken,
    };
  },
});

/** Nothing is encrypted with these keys, so there is nothing to rotate. */
export const getKeyRotationStatus = jsonOperation({
  name: 'TrentService.GetKeyRotationStatus',
  input: structure({ KeyId: KEY_ID }),
  handle: ({ sealed }, { KeyId }) => {
    const key = sealed.keys.get(KeyId);
    return isFault(key) ? key : { KeyId: key.arn, KeyRotationEnabled: false };
  },
});

export const listResourceTags = jsonOperation({
  name: 'TrentService.ListResourceTags',
  input: structure({ KeyId: KEY_ID, ...PAGE }),
  handle: ({ sealed }, { KeyId, Limit, Marker }) => {
    const key = sealed.keys.get(KeyId);
    if (isFault(key)) return key;
    const tags = Object.entries(key.tags).sort(([a], [b]) => (a < b ? -1 : 1));
    const paged = page(tags, {
      key: ([name]) => name,
      scope: `tags/${key.id}`,
      maxResults: Limit,
      nextToken: Marker,
    });
    if ('error' in paged) return WRONG_MARKER;
    return {
      Tags: paged.items.map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
      Truncated: paged.nextToken !== undefined,
      NextMarker: paged.nextToken,
    };
  },
});

export const tagKey = jsonOperation({
  name: 'TrentService.TagResource',
  input: structure({ KeyId: KEY_ID, Tags: TAGS }),
  handle: (control, { KeyId, Tags }) =>
    emptyUnlessFault(changed(control, (keys) => keys.tag(KeyId, tagMap(Tags)))),
});

export const untagKey = jsonOperation({
  name: 'TrentService.UntagResource',
  input: structure({ KeyId: KEY_ID, TagKeys: list(string({ min: 1, max: 128 }), { max: 50 }) }),
  handle: (control, { KeyId, TagKeys }) =>
    emptyUnlessFault(changed(control, (keys) => keys.untag(KeyId, TagKeys))),
});

export const scheduleKeyDeletion = jsonOperation({
  name: 'TrentService.ScheduleKeyDeletion',
  input: structure({ KeyId: KEY_ID, PendingWindowInDays: optional(integer(WINDOW)) }),
  handle: (control, { KeyId, PendingWindowInDays: days = WINDOW.max }) => {
    const key = changed(control, (keys) => keys.delete(KeyId, days, Date.now()));
    if (isFault(key)) return key;
    return {
      KeyId: key.arn,
      DeletionDate: seconds(key.removedAt ?? 0),
      KeyState: 'PendingDeletion',
      PendingWindowInDays: days,
    };
  },
});

function changed(
  { sealed }: JsonControl,
  decide: (keys: KmsKeys) => Decision<SealedRecord, KmsKey | Fault>,
): KmsKey | Fault {
  return sealed.execute(({ keys }) => decide(keys));
}

function metadata({ options }: JsonControl, key: KmsKey): object {
  const isLeaving = key.removedAt !== null;
  return {
    AWSAccountId: options.account,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: seconds(key.createdAt),
    Enabled: !isLeaving,
    Description: key.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: isLeaving ? 'PendingDeletion' : 'Enabled',
    ...(isLeaving ? { DeletionDate: seconds(key.removedAt ?? 0) } : {}),
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
  };
}

/** As KMS gives it to a key that was made without one. */
function defaultPolicy(account: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });
}

function tagMap(
  tags: readonly { readonly TagKey: string; readonly TagValue: string }[],
): Record<string, string> {
  return Object.fromEntries(tags.map(({ TagKey, TagValue }) => [TagKey, TagValue]));
}

function emptyUnlessFault(key: KmsKey | Fault): object {
  return isFault(key) ? key : {};
}

function notBuilt(what: string): Fault {
  return fault('UnsupportedOperationException', `${what} is not built yet.`);
}
