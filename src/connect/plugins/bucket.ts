import { existsSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { type ApiError, badRequest } from '../../control/aws/api-error.ts';
import { bucketFolder } from '../../control/aws/buckets.ts';

const BUCKET_ARN = /^arn:aws[a-z-]*:s3:::([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$/;

/** An object as the API names it. */
export interface S3Location {
  readonly bucketArn: string;
  readonly fileKey: string;
  readonly objectVersion?: string | undefined;
}

export function bucketName({ bucketArn }: S3Location): string | ApiError {
  const [, name] = BUCKET_ARN.exec(bucketArn) ?? [];
  return (
    name ??
    badRequest(
      'bucketArn must be the ARN of a bucket, as arn:aws:s3:::NAME.',
      'location.s3Location.bucketArn',
    )
  );
}

/** The file of an object in a local bucket, or why there is none. */
export function bucketFile(dataDirectory: string, name: string, object: S3Location): string | ApiError {
  if (object.objectVersion !== undefined)
    return badRequest(
      'Local buckets keep no versions of an object: leave objectVersion out.',
      'location.s3Location.objectVersion',
    );
  const folder = bucketFolder(dataDirectory, name);
  const file = join(folder, object.fileKey);
  if (!existsSync(folder))
    return badRequest(
      `There is no bucket ${name}: buckets are folders here. Put the file where ${file} is, or name S3 with --s3-endpoint.`,
      'location.s3Location.bucketArn',
    );
  const found = existsSync(file) ? realpathSync(file) : null;
  // Neither a key with .. in it nor a link leads out of the bucket.
  if (found === null || !found.startsWith(realpathSync(folder) + sep) || !statSync(found).isFile())
    return badRequest(`The bucket ${name} has no object ${object.fileKey}.`, 'location.s3Location.fileKey');
  return found;
}
