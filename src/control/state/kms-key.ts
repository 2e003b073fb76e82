/**
 * A customer's key as KMS describes it. There is no key material behind it: what is stored is sealed with the
 * key of the data folder, and these say what a secret of AWS would be encrypted with, which MSK has rules
 * about.
 */
export interface KmsKey {
  readonly arn: string;
  readonly id: string;
  readonly description: string;
  readonly createdAt: number;
  /** A JSON text. */
  readonly policy: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly aliases: readonly KmsAlias[];
  /** When it is removed; null while nobody asked for that. */
  readonly removedAt: number | null;
}

interface KmsAlias {
  /** Begins with `alias/`. */
  readonly name: string;
  readonly createdAt: number;
}
