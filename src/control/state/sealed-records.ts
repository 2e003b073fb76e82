import type { TlsIdentity } from '../../base/tls.ts';
import type { ClientCa } from './client-ca.ts';
import type { Identity } from './iam/identity.ts';
import type { KmsKey } from './kms-key.ts';
import type { Secret } from './secret.ts';

/** Everything that can happen to what is sealed. Each record has the whole of one thing as it is then. */
export type SealedRecord =
  | { readonly type: 'SecretRecord'; readonly secret: Secret }
  | { readonly type: 'RemoveSecretRecord'; readonly arn: string }
  /** With its aliases. */
  | { readonly type: 'KmsKeyRecord'; readonly key: KmsKey }
  | { readonly type: 'RemoveKmsKeyRecord'; readonly arn: string }
  | { readonly type: 'ClientCaRecord'; readonly ca: ClientCa }
  | { readonly type: 'RemoveClientCaRecord'; readonly arn: string }
  /** All sealed values of one connector, by the names that its configuration has for them. */
  | { readonly type: 'ConnectorValuesRecord'; readonly uuid: string; readonly values: ConnectorValues }
  | { readonly type: 'RemoveConnectorValuesRecord'; readonly uuid: string }
  /** A user with its keys, a role or a policy of IAM. */
  | { readonly type: 'IdentityRecord'; readonly identity: Identity }
  | { readonly type: 'RemoveIdentityRecord'; readonly arn: string }
  /** What temporary credentials are sealed with: 32 bytes in base64. */
  | { readonly type: 'IamTokenKeyRecord'; readonly key: string }
  /** There is one; another takes its place. */
  | { readonly type: 'CaRecord'; readonly ca: KeptCa };

export type ConnectorValues = Readonly<Record<string, string>>;

/** The CA of this installation, with the names that it vouches for; null vouches for every name. */
export interface KeptCa extends TlsIdentity {
  readonly names: readonly string[] | null;
  /** The one that takes its place: clients are told to trust it, and it signs nothing yet. */
  readonly next?: TlsIdentity;
  /** The certificate of the one before, and how long clients are told to trust it, too. */
  readonly former?: { readonly certificate: string; readonly until: number };
}
