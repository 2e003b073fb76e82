/** What IAM's users, roles and policies have in common; names and paths as IAM has them. */
interface Named {
  readonly arn: string;
  /** IAM's own, which is another one when the name is given again. */
  readonly id: string;
  readonly name: string;
  /** Begins and ends with a slash. */
  readonly path: string;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** What a user and a role may do. */
interface Permitted {
  /** Policies of its own: documents by name. */
  readonly policies: Readonly<Record<string, string>>;
  /** ARNs of managed policies. */
  readonly attached: readonly string[];
}

/** Immutable, as all of these: a record makes the next one. */
export interface IamUser extends Named, Permitted {
  readonly kind: 'user';
  readonly accessKeys: readonly AccessKey[];
}

export interface AccessKey {
  readonly id: string;
  readonly secret: string;
  readonly active: boolean;
  readonly createdAt: number;
}

export interface IamRole extends Named, Permitted {
  readonly kind: 'role';
  readonly description: string | null;
  /** The document that says who may assume it. */
  readonly trustPolicy: string;
  readonly maxSessionSeconds: number;
}

/** A policy that users and roles share. */
export interface ManagedPolicy extends Named {
  readonly kind: 'policy';
  readonly description: string | null;
  readonly changedAt: number;
  /** At least one; the newest is the last. */
  readonly versions: readonly PolicyVersion[];
  /** The id of the version that counts. */
  readonly defaultVersion: string;
  /** Numbers are not given again. */
  readonly nextVersion: number;
}

export interface PolicyVersion {
  /** `v1`, `v2` … */
  readonly id: string;
  readonly document: string;
  readonly createdAt: number;
}

export type Identity = IamUser | IamRole | ManagedPolicy;

/** The document that counts. */
export function documentOf({ versions, defaultVersion }: ManagedPolicy): string {
  return versions.find(({ id }) => id === defaultVersion)?.document ?? '';
}
