import type { KmsKey } from './kms-key.ts';
import type { Secret } from './secret.ts';

/** Everything that can happen to what is sealed. Each record has the whole of one thing as it is then. */
export type SealedRecord =
  | { readonly type: 'SecretRecord'; readonly secret: Secret }
  | { readonly type: 'RemoveSecretRecord'; readonly arn: string }
  /** With its aliases. */
  | { readonly type: 'KmsKeyRecord'; readonly key: KmsKey }
  | { readonly type: 'RemoveKmsKeyRecord'; readonly arn: string };
