import { type ApiError, notFound } from '../aws/api-error.ts';
import type { ClusterOperation } from './operation.ts';

/** MSK says nothing about how long it remembers; this many of each cluster are plenty to look back at. */
const MOST_PER_CLUSTER = 100;

/** The operations of all clusters, those that ended too. */
export class Operations {
  readonly #byArn = new Map<string, ClusterOperation>();

  get(arn: string): ClusterOperation | ApiError {
    return this.#byArn.get(arn) ?? notFound(`The cluster operation ${arn} does not exist.`);
  }

  all(): ClusterOperation[] {
    return [...this.#byArn.values()];
  }

  /** Of one cluster, the latest first. */
  of(clusterArn: string): ClusterOperation[] {
    const own = this.all().filter((operation) => operation.clusterArn === clusterArn);
    return latestFirst(own);
  }

  set(operation: ClusterOperation): void {
    this.#byArn.set(operation.arn, operation);
    for (const { arn } of this.of(operation.clusterArn).slice(MOST_PER_CLUSTER)) this.#byArn.delete(arn);
  }

  removeOf(clusterArn: string): void {
    for (const { arn } of this.of(clusterArn)) this.#byArn.delete(arn);
  }
}

export function latestFirst(operations: readonly ClusterOperation[]): ClusterOperation[] {
  return [...operations].sort((a, b) => b.startedAt - a.startedAt || (a.arn < b.arn ? -1 : 1));
}
