/**
 * A kind of class that Kafka Connect finds in a plugin: the word of its own REST API, and the interface or
 * class that it extends.
 */
export type ConnectClassType =
  | 'source'
  | 'sink'
  | 'converter'
  | 'header_converter'
  | 'transformation'
  | 'predicate'
  | 'configprovider'
  | 'rest_extension'
  | 'connector_client_config_override_policy';

export interface ConnectClass {
  readonly class: string;
  readonly type: ConnectClassType;
  /** Of the archive that the class is in; null where neither its manifest nor its name says one. */
  readonly version: string | null;
}

type PluginState = 'CREATING' | 'ACTIVE' | 'CREATE_FAILED' | 'DELETING';

/** A custom plugin as the store knows it. Immutable: a record makes the next one. */
export interface Plugin {
  readonly arn: string;
  readonly uuid: string;
  readonly name: string;
  readonly description: string | null;
  readonly contentType: 'JAR' | 'ZIP';
  readonly bucketArn: string;
  readonly fileKey: string;
  /** Of the object in S3; absent in the records of older releases. */
  readonly objectVersion?: string | null;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly state: PluginState;
  readonly stateInfo: { readonly code: string; readonly message: string } | null;
  /** Both are null while the file is on its way; it has no classes then. */
  readonly fileMd5: string | null;
  readonly fileSize: number | null;
  readonly classes: readonly ConnectClass[];
  /**
   * Whether every class is named in a ServiceLoader manifest, so that a worker need not read all classes to
   * find it.
   */
  readonly hasManifests: boolean;
}
