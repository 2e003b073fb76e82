import { type AwsCredentials, CredentialsError } from './aws-credentials.ts';
import { awsProfile, profileFiles } from './aws-profile.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Ways to credentials that AWS's tools know and Millrace does not go. */
const OTHER_WAYS = [
  'role_arn',
  'sso_session',
  'sso_start_url',
  'credential_process',
  'web_identity_token_file',
  'login_session',
];

/**
 * Credentials as AWS's tools find them: of the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
 * `AWS_SESSION_TOKEN`), else of the profile (`AWS_PROFILE`, or `default`) in `~/.aws/credentials` and
 * `~/.aws/config`. Throws CredentialsError when there are none.
 */
export function findCredentials(environment: Environment): AwsCredentials {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  if (AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY)
    return credentials(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN);
  const { name, settings } = awsProfile(environment);
  const key = settings.get('aws_access_key_id');
  const secret = settings.get('aws_secret_access_key');
  if (key && secret) return credentials(key, secret, settings.get('aws_session_token'));
  const other = OTHER_WAYS.find((way) => settings.has(way));
  if (other !== undefined)
    throw new CredentialsError(
      `The AWS profile ${name} has credentials by ${other}, which Millrace cannot get. Give aws_access_key_id and aws_secret_access_key, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (aws configure export-credentials --format env prints them).`,
    );
  throw new CredentialsError(
    `There are no AWS credentials: neither AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY in the environment, nor the profile ${name} with both in ${profileFiles(environment).join(' or ')}.`,
  );
}

/** As AWS's tools find it; null where nothing names one. Throws CredentialsError. */
export function findRegion(environment: Environment): string | null {
  return (
    environment.AWS_REGION ??
    environment.AWS_DEFAULT_REGION ??
    awsProfile(environment).settings.get('region') ??
    null
  );
}

function credentials(
  accessKeyId: string,
  secretAccessKey: string,
  sessionToken: string | undefined,
): AwsCredentials {
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}
