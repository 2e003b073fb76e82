/** What people look at of a node of a cluster, as the engine keeps it. */
export interface NodeFiles {
  readonly cluster: string;
  /** `controller`, `broker-1` … */
  readonly node: string;
  readonly log: string;
  /** What its process is started with, as JSON. */
  readonly config: string;
}
