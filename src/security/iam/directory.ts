/** Who may sign in to a cluster by IAM, and what a broker knows of their rights. */
export interface IamDirectory {
  /** 12 digits. */
  readonly account: string;
  /** The region that requests must be signed for. */
  readonly region: string;
  readonly clusterArn: string;
  /** 32 bytes: the session tokens of temporary credentials are sealed with it. */
  readonly tokenKey: Buffer;
  /** A long-lived access key (`AKIA…`) by its id; null when there is none. */
  accessKey(id: string): IamAccessKey | null;
  /**
   * The id (`AIDA…`, `AROA…`) of the user or role that has this ARN (`arn:aws:iam::…`) now; null when there
   * is none. One that was deleted and made again has another id.
   */
  identityId(identityArn: string): string | null;
  /** All policies of a user or role, inline and attached, by its ARN; none for one that does not exist. */
  policies(identityArn: string): readonly IamPolicy[];
}

export interface IamAccessKey {
  readonly id: string;
  readonly secret: string;
  /** Of the user that the key belongs to: `arn:aws:iam::ACCOUNT:user/NAME`. */
  readonly principalArn: string;
  /** An inactive key signs nobody in. */
  readonly active: boolean;
}

export interface IamPolicy {
  /** As people know it: the name of an inline policy, or the ARN of an attached one. */
  readonly name: string;
  /** JSON text. */
  readonly document: string;
}

/** What was proved of a client that signed in by IAM, from its sign-in to the end of its session. */
export interface IamIdentity {
  /** Who it is, without the type `IAM:`: the user, or `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`. */
  readonly principalArn: string;
  /** Whose policies count: the ARN of the user, or of the role (`arn:aws:iam::ACCOUNT:role/ROLE`). */
  readonly identityArn: string;
  /** JSON text of the policy that the session is limited to besides; null when it is not. */
  readonly sessionPolicy: string | null;
}

/** The type of IAM's principals in Kafka: their names are `IAM:` and the ARN. */
export const IAM_PRINCIPAL_TYPE = 'IAM';
