/** A worker configuration as the store knows it; it has one revision, which never changes. */
export interface WorkerConfiguration {
  readonly arn: string;
  readonly name: string;
  readonly description: string | null;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
  /** The text as it came, in base64. */
  readonly propertiesFileContent: string;
  /** What it says, by name. */
  readonly properties: Readonly<Record<string, string>>;
}
