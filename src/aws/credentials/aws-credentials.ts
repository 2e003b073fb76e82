/** What AWS's requests are signed with. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

/**
 * No credentials can be had; the message says where they were looked for, or what is wrong with those that
 * are there.
 */
export class CredentialsError extends Error {}
