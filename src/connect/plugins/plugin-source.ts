import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { CredentialsError } from '../../aws/credentials/aws-credentials.ts';
import type { S3Client } from '../../aws/s3/s3-client.ts';
import { S3Error } from '../../aws/s3/s3-error.ts';
import { type ApiError, badRequest } from '../../control/aws/api-error.ts';
import { bucketFile, bucketName, type S3Location } from './bucket.ts';
import { MOST_FILE_BYTES } from './plugin-folder.ts';

/**
 * Where CreateCustomPlugin finds files: in S3 where Millrace was given an endpoint, else in local buckets.
 */
export class PluginSource {
  readonly #dataDirectory: string;
  readonly #s3: S3Client | null;

  constructor(dataDirectory: string, s3: S3Client | null) {
    this.#dataDirectory = dataDirectory;
    this.#s3 = s3;
  }

  /**
   * The file of an object, or why there is none, which is a ServiceUnavailableException where it may be there
   * later; of S3 it is `download`, whose folder is made, and which is
   * the caller's to remove.
   */
  async file(object: S3Location, download: string): Promise<string | ApiError> {
    const bucket = bucketName(object);
    if (typeof bucket !== 'string') return bucket;
    if (this.#s3 === null) return bucketFile(this.#dataDirectory, bucket, object);
    mkdirSync(dirname(download), { recursive: true, mode: 0o700 });
    try {
      await this.#s3.download(
        { bucket, key: object.fileKey, versionId: object.objectVersion },
        download,
        MOST_FILE_BYTES,
      );
      return download;
    } catch (error) {
      if (error instanceof CredentialsError) return badRequest(error.message, 'location.s3Location');
      if (!(error instanceof S3Error)) throw error;
      // Where there was no answer, the request is not what is wrong.
      return error.retriable || error.status === null
        ? { error: 'ServiceUnavailableException', message: `${error.message}.` }
        : badRequest(`${error.message}.`, 'location.s3Location');
    }
  }
}
