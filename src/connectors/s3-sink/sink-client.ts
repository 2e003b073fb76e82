import { CredentialsError } from '../../aws/credentials/aws-credentials.ts';
import { findCredentials } from '../../aws/credentials/find-credentials.ts';
import { S3Client } from '../../aws/s3/s3-client.ts';
import type { World } from '../../base/world.ts';
import type { S3SinkConfig } from './s3-sink-config.ts';

/** S3 as a configuration names it, with its own credentials or those of the worker's environment. */
export function clientOf(config: S3SinkConfig, world: Pick<World, 'clock' | 'random'>): S3Client {
  const accessKeyId = config['aws.access.key.id'];
  const secretAccessKey = config['aws.secret.access.key'];
  const endpoint = config['store.url'];
  return new S3Client(world, {
    region: config['s3.region'],
    addressing: config['s3.path.style.access.enabled'] ? 'path' : 'virtual-host',
    ...(endpoint === null ? {} : { endpoint }),
    attempts: config['s3.part.retries'] + 1,
    firstRetryMs: config['s3.retry.backoff.ms'],
    credentials: () => {
      if (accessKeyId !== null && secretAccessKey !== null) return { accessKeyId, secretAccessKey };
      try {
        return findCredentials(process.env);
      } catch (error) {
        if (!(error instanceof CredentialsError)) throw error;
        throw new CredentialsError(
          `${error.message} The connector's own are aws.access.key.id and aws.secret.access.key.`,
          { cause: error },
        );
      }
    },
  });
}
