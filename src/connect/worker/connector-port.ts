export interface PartStatus {
  readonly state: string;
  /** `host:port` of the worker that has it. */
  readonly worker: string;
  /** The exception with its stack, when it failed. */
  readonly trace: string | null;
}

export interface ConnectorStatus {
  readonly connector: PartStatus;
  readonly tasks: readonly (PartStatus & { readonly id: number })[];
}

export interface Validation {
  /** Empty when nothing is wrong. */
  readonly errors: readonly string[];
  /** Of every property that the connector's definition has, by name: `PASSWORD`, `STRING`. */
  readonly types: ReadonlyMap<string, string>;
}

/**
 * What a group of workers does with its connector, whatever runs in them. Every method rejects with
 * RestError.
 */
export interface ConnectorPort {
  /** What the connector itself says of its configuration. */
  validate(name: string, configuration: Readonly<Record<string, string>>): Promise<Validation>;
  /** Null when there is no such connector. */
  config(name: string): Promise<Readonly<Record<string, string>> | null>;
  /** `isPaused`: whether one that they do not know yet begins so; one that they know stays what it is. */
  setConfig(name: string, configuration: Readonly<Record<string, string>>, isPaused?: boolean): Promise<void>;
  /** Null before the workers know of it. */
  status(name: string): Promise<ConnectorStatus | null>;
  pause(name: string): Promise<void>;
  /** Its tasks end; unlike those of a paused connector they are not there any more. */
  stop(name: string): Promise<void>;
  resume(name: string): Promise<void>;
  /** The connector with its tasks. */
  restart(name: string, onlyFailed: boolean): Promise<void>;
}
