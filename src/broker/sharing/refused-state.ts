import type { Uuid } from '../../base/brand.ts';
import { errorCode, errorMessage } from '../../protocol/errors.ts';

/**
 * The answer about share state to somebody who is no broker of the cluster; `rest`: what else a partition's
 * answer has.
 */
export function refusedState<Rest extends object>(
  topics: readonly {
    readonly topicId: Uuid;
    readonly partitions: readonly { readonly partition: number }[];
  }[],
  rest: Rest,
): {
  results: {
    topicId: Uuid;
    partitions: (Rest & { partition: number; errorCode: number; errorMessage: string })[];
  }[];
} {
  const error = 'CLUSTER_AUTHORIZATION_FAILED';
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
