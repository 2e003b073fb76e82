import type { Uuid } from '../../base/brand.ts';
import { type ErrorName, errorCode, errorMessage } from '../../protocol/errors.ts';

/**
 * The answer about share state to somebody who is not to ask; `rest`: what else a partition's answer has.
 * Without an error: somebody who is no broker of the cluster.
 */
export function refusedState<Rest extends object>(
  topics: readonly {
    readonly topicId: Uuid;
    readonly partitions: readonly { readonly partition: number }[];
  }[],
  rest: Rest,
  error: ErrorName = 'CLUSTER_AUTHORIZATION_FAILED',
): {
  results: {
    topicId: Uuid;
    partitions: (Rest & { partition: number; errorCode: number; errorMessage: string })[];
  }[];
} {
  return {
    results: topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partition }) => ({
        ...rest,
        partition,
        errorCode: errorCode(error),
        errorMessage: errorMessage(error),
      })),
    })),
  };
}
