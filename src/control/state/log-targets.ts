/** Where logs are brought, in the words of MSK and MSK Connect. */
export interface LogTargets {
  readonly cloudWatchLogs?: { readonly enabled: boolean; readonly logGroup?: string | undefined } | undefined;
  readonly s3?:
    | {
        readonly enabled: boolean;
        readonly bucket?: string | undefined;
        readonly prefix?: string | undefined;
      }
    | undefined;
}
