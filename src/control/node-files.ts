/** Files of a controller or broker that people look at, as an engine keeps them. */
export interface NodeFiles {
  readonly cluster: string;
  /** `controller`, `broker-1` … */
  readonly node: string;
  /** It is missing until the first start. */
  readonly log: string;
  /** What its process is started with, as JSON. */
  readonly config: string;
}
