import type { World } from '../../base/world.ts';
import { findCredentials, findRegion } from '../credentials/find-credentials.ts';
import { S3Client } from './s3-client.ts';
import type { S3Options } from './s3-requests.ts';

/**
 * S3 at an endpoint, with the credentials of AWS's environment and files, which are looked for at every
 * request. `region`: where neither names one. Throws CredentialsError when AWS's files cannot be read.
 */
export function s3OfEnvironment(
  world: Pick<World, 'clock' | 'random'>,
  endpoint: string,
  region: string,
  environment: Readonly<Record<string, string | undefined>>,
  more: Pick<S3Options, 'attempts' | 'idleMs'> = {},
): S3Client {
  return new S3Client(world, {
    ...more,
    endpoint,
    region: findRegion(environment) ?? region,
    credentials: () => findCredentials(environment),
  });
}
