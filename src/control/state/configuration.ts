/** A configuration as the store knows it. Immutable: a record makes the next one. */
export interface Configuration {
  readonly arn: string;
  readonly name: string;
  /** Of the creation; each revision has its own beside it. */
  readonly description: string | null;
  /** The versions of clusters that may have it; empty for all. */
  readonly kafkaVersions: readonly string[];
  readonly createdAt: number;
  /** The first is revision 1. */
  readonly revisions: readonly ConfigurationRevision[];
}

export interface ConfigurationRevision {
  readonly revision: number;
  readonly createdAt: number;
  readonly description: string | null;
  /** The bytes as they came, in base64. */
  readonly serverProperties: string;
  /** What they say, by name. */
  readonly properties: Readonly<Record<string, string>>;
}

export function latestRevision({ revisions }: Configuration): ConfigurationRevision | null {
  return revisions.at(-1) ?? null;
}
