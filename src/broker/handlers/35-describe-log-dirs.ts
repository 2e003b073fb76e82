import type { ResponseOf } from '../../protocol/api.ts';
import { errorCode } from '../../protocol/errors.ts';
import { describeLogDirs } from '../../protocol/messages/35-describe-log-dirs.ts';
import { handle } from '../../server/handler.ts';
import type { BrokerContext } from '../context.ts';

type Result = ResponseOf<typeof describeLogDirs>['results'][number];

/**
 * DescribeLogDirs v1-5: this broker's one log directory and the replicas in it, with their sizes. The file
 * system's size and room are those of the broker's volume.
 */
export const describeLogDirsHandler = handle(
  describeLogDirs,
  { versions: [1, 5], operations: ['CLUSTER:DESCRIBE'] },
  (context: BrokerContext, request, info): ResponseOf<typeof describeLogDirs> => {
    if (!info.authorize('DESCRIBE', 'CLUSTER', 'kafka-cluster'))
      return { throttleTimeMs: 0, errorCode: errorCode('CLUSTER_AUTHORIZATION_FAILED'), results: [] };
    const asked =
      request.topics && new Map(request.topics.map(({ topic, partitions }) => [topic, new Set(partitions)]));
    const byTopic = new Map<string, Result['topics'][number]['partitions'][number][]>();
    for (const { topic, index, log } of context.replicas.all()) {
      if (asked && !asked.get(topic)?.has(index)) continue;
      const partition = {
        partitionIndex: index,
        partitionSize: log.sizeInBytes,
        offsetLag: Math.max(0, log.highWatermark - log.endOffset),
        isFutureKey: false,
      };
      const partitions = byTopic.get(topic);
      if (partitions) partitions.push(partition);
      else byTopic.set(topic, [partition]);
    }
    const { path } = context.replicas.logs;
    const space = context.volume.space;
    return {
      throttleTimeMs: 0,
      errorCode: 0,
      results: [
        {
          errorCode: 0,
          logDir: path,
          topics: [...byTopic].map(([name, partitions]) => ({ name, partitions })),
          totalBytes: space.totalBytes,
          usableBytes: space.usableBytes,
        },
      ],
    };
  },
);
