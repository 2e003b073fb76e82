import { randomUUID } from 'node:crypto';
import { type ApiError, badRequest, isApiError } from '../aws/api-error.ts';
import { operationArn } from '../aws/arn.ts';
import type { Control } from '../control.ts';
import type { Cluster } from '../state/cluster.ts';
import type { ClusterOperation } from '../state/operation.ts';
import type { ApiAnswer, ApiCaller } from './operation.ts';
import { string } from './shape.ts';

/** `currentVersion` of a request that changes a cluster. */
export const VERSION = string({ min: 1, max: 128 });

/** The cluster, when its engine can change how it listens, stores and is monitored. */
export function changeable({ store, engine }: Control, clusterArn: string): Cluster | ApiError {
  const cluster = store.clusters.get(clusterArn);
  if (isApiError(cluster)) return cluster;
  const reason = engine.fixed(cluster);
  return reason === null ? cluster : badRequest(reason, 'clusterArn');
}

/** What every change of a cluster has, whatever it changes. */
export function request(
  clusterArn: string,
  { operationArn: arn }: ApiCaller,
): {
  readonly clusterArn: string;
  readonly operationArn: string;
  readonly now: number;
} {
  return { clusterArn, operationArn: arn ?? operationArn(clusterArn, randomUUID()), now: Date.now() };
}

/** The answer to a change that began, or was refused. */
export function begun(result: ClusterOperation | ApiError): ApiAnswer {
  return isApiError(result) ? result : { clusterArn: result.clusterArn, clusterOperationArn: result.arn };
}
