import { join } from 'node:path';

/** A bucket's name as S3 allows it. */
export const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Buckets are folders here, and the keys of their objects are paths in them. */
export function bucketFolder(dataDirectory: string, bucket: string): string {
  return join(dataDirectory, 'buckets', bucket);
}
