/** Where an object is. */
export interface S3Object {
  readonly bucket: string;
  readonly key: string;
}

export function s3Uri({ bucket, key }: { readonly bucket: string; readonly key?: string }): string {
  return key === undefined ? `s3://${bucket}` : `s3://${bucket}/${key}`;
}
