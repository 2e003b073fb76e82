import type { AnyApi, RequestOf, ResponseOf } from '../protocol/api.ts';
import { apis } from '../protocol/apis.ts';

/** What is told of everything that was asked for. */
interface Told {
  readonly errorCode: number;
  readonly errorMessage: string;
}

type Mirror = (request: unknown, told: Told, version: number) => object | null;

/** An answer in which fields may be left out: encoding puts their defaults there. */
type Sketch<T> = T extends readonly (infer Element)[]
  ? readonly Sketch<Element>[]
  : T extends object
    ? { readonly [K in keyof T]?: Sketch<T[K]> }
    : T;

/**
 * APIs whose answers have no error of the whole, or not in every version, or say more with it: what each
 * answers for all that its request asked for, as the getErrorResponse of Kafka's request class does. By api
 * key.
 */
export const errorMirrors: ReadonlyMap<number, Mirror> = new Map<number, Mirror>([
  mirror(apis.produce, ({ acks, topicData }, told) => {
    // A producer with acks=0 expects no answer; the end of the connection tells it of the error.
    if (acks === 0) return null;
    return {
      responses: topicData.map(({ name, topicId, partitionData }) => ({
        name,
        topicId,
        partitionResponses: partitionData.map(({ index }) => ({ index, baseOffset: -1, ...told })),
      })),
    };
  }),
  mirror(apis.fetch, ({ sessionId, topics }, { errorCode }, version) => ({
    errorCode,
    sessionId,
    // Versions that name topics by id have an error for the whole answer.
    responses: (version >= 13 ? [] : topics).map(({ topic, topicId, partitions }) => ({
      topic,
      topicId,
      partitions: partitions.map(({ partition }) => ({
        partitionIndex: partition,
        errorCode,
        highWatermark: -1,
        records: Buffer.alloc(0),
      })),
    })),
  })),
  mirror(apis.listOffsets, ({ topics }, { errorCode }) => ({
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  })),
  mirror(apis.metadata, ({ topics }, { errorCode }) => ({
    errorCode,
    topics: (topics ?? []).map(({ name, topicId }) => ({ name: name ?? '', topicId, errorCode })),
  })),
  mirror(apis.offsetCommit, ({ topics }, { errorCode }) => ({
    topics: topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  })),
  mirror(apis.offsetFetch, ({ topics, groups }, { errorCode }, version) => {
    if (version >= 8) return { groups: groups.map(({ groupId }) => ({ groupId, errorCode })) };
    if (version >= 2) return { errorCode };
    return {
      topics: (topics ?? []).map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({
          partitionIndex,
          committedOffset: -1,
          metadata: '',
          errorCode,
        })),
      })),
    };
  }),
  mirror(apis.findCoordinator, ({ coordinatorKeys }, told, version) => {
    const none = { nodeId: -1, host: '', port: -1, ...told };
    return version < 4 ? none : { coordinators: coordinatorKeys.map((key) => ({ key, ...none })) };
  }),
  mirror(apis.describeGroups, ({ groups }, { errorCode }) => ({
    groups: groups.map((groupId) => ({ groupId, errorCode })),
  })),
  mirror(apis.createTopics, ({ topics }, told) => ({
    topics: topics.map(({ name }) => ({ name, ...told })),
  })),
  mirror(apis.deleteTopics, ({ topics, topicNames }, { errorCode }, version) => ({
    responses:
      version >= 6
        ? topics.map(({ name, topicId }) => ({ name, topicId, errorCode }))
        : topicNames.map((name) => ({ name, errorCode })),
  })),
  mirror(apis.deleteRecords, ({ topics }, { errorCode }) => ({
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, lowWatermark: -1, errorCode })),
    })),
  })),
  mirror(apis.initProducerId, (_, { errorCode }) => ({ errorCode, producerId: -1, producerEpoch: -1 })),
  mirror(apis.offsetForLeaderEpoch, ({ topics }, { errorCode }) => ({
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
    })),
  })),
  mirror(apis.addPartitionsToTxn, ({ v3AndBelowTopics }, { errorCode }, version) => {
    if (version >= 4) return { errorCode };
    return {
      resultsByTopicV3AndBelow: v3AndBelowTopics.map(({ name, partitions }) => ({
        name,
        resultsByPartition: partitions.map((partitionIndex) => ({
          partitionIndex,
          partitionErrorCode: errorCode,
        })),
      })),
    };
  }),
  mirror(apis.writeTxnMarkers, ({ markers }, { errorCode }) => ({
    markers: markers.map(({ producerId, topics }) => ({
      producerId,
      topics: topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode })),
      })),
    })),
  })),
  mirror(apis.txnOffsetCommit, ({ topics }, { errorCode }) => ({
    topics: topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  })),
  mirror(apis.createAcls, ({ creations }, told) => ({ results: creations.map(() => told) })),
  mirror(apis.deleteAcls, ({ filters }, told) => ({ filterResults: filters.map(() => told) })),
  mirror(apis.describeConfigs, ({ resources }, told) => ({
    results: resources.map(({ resourceType, resourceName }) => ({ resourceType, resourceName, ...told })),
  })),
  mirror(apis.alterConfigs, ({ resources }, told) => ({
    responses: resources.map(({ resourceType, resourceName }) => ({ resourceType, resourceName, ...told })),
  })),
  mirror(apis.incrementalAlterConfigs, ({ resources }, told) => ({
    responses: resources.map(({ resourceType, resourceName }) => ({ resourceType, resourceName, ...told })),
  })),
  mirror(apis.alterReplicaLogDirs, ({ dirs }, { errorCode }) => ({
    results: dirs.flatMap(({ topics }) =>
      topics.map(({ name, partitions }) => ({
        topicName: name,
        partitions: partitions.map((partitionIndex) => ({ partitionIndex, errorCode })),
      })),
    ),
  })),
  mirror(apis.createPartitions, ({ topics }, told) => ({
    results: topics.map(({ name }) => ({ name, ...told })),
  })),
  mirror(apis.deleteGroups, ({ groupsNames }, { errorCode }) => ({
    results: groupsNames.map((groupId) => ({ groupId, errorCode })),
  })),
  mirror(apis.electLeaders, ({ topicPartitions }, told, version) => ({
    ...(version >= 1 ? { errorCode: told.errorCode } : {}),
    replicaElectionResults: (topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => ({ partitionId, ...told })),
    })),
  })),
  mirror(apis.alterClientQuotas, ({ entries }, told) => ({
    entries: entries.map(({ entity }) => ({ entity, ...told })),
  })),
  mirror(apis.alterUserScramCredentials, ({ deletions, upsertions }, told) => ({
    results: [...new Set([...deletions, ...upsertions].map(({ name }) => name))].map((user) => ({
      user,
      ...told,
    })),
  })),
  mirror(apis.describeProducers, ({ topics }, { errorCode }) => ({
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode })),
    })),
  })),
  mirror(apis.describeTransactions, ({ transactionalIds }, { errorCode }) => ({
    transactionStates: transactionalIds.map((transactionalId) => ({ transactionalId, errorCode })),
  })),
  mirror(apis.shareGroupDescribe, ({ groupIds }, told) => ({
    groups: groupIds.map((groupId) => ({ groupId, ...told })),
  })),
  mirror(apis.initializeShareGroupState, ({ topics }, told) => shareState(topics, told)),
  mirror(apis.readShareGroupState, ({ topics }, told) => shareState(topics, told)),
  mirror(apis.writeShareGroupState, ({ topics }, told) => shareState(topics, told)),
  mirror(apis.deleteShareGroupState, ({ topics }, told) => shareState(topics, told)),
  mirror(apis.readShareGroupStateSummary, ({ topics }, told) => shareState(topics, told)),
  mirror(apis.describeShareGroupOffsets, ({ groups }, told) => ({
    groups: groups.map(({ groupId }) => ({ groupId, ...told })),
  })),
  mirror(apis.consumerGroupDescribe, ({ groupIds }, { errorCode }) => ({
    groups: groupIds.map((groupId) => ({ groupId, errorCode })),
  })),
  mirror(apis.streamsGroupDescribe, ({ groupIds }, { errorCode }) => ({
    groups: groupIds.map((groupId) => ({ groupId, errorCode })),
  })),
  mirror(apis.describeTopicPartitions, ({ topics }, { errorCode }) => ({
    topics: topics.map(({ name }) => ({ name, errorCode })),
  })),
]);

function mirror<A extends AnyApi>(
  { key }: A,
  build: (request: RequestOf<A>, told: Told, version: number) => Sketch<ResponseOf<A>> | null,
): [number, Mirror] {
  // The dispatcher gives what this very api decoded, which the erased type cannot say.
  return [key, (request, told, version) => build(request as RequestOf<A>, told, version)];
}

/** Every partition of a request between brokers about the state of share groups. */
function shareState(
  topics: readonly {
    readonly topicId: string;
    readonly partitions: readonly { readonly partition: number }[];
  }[],
  told: Told,
): { results: { topicId: string; partitions: (Told & { partition: number })[] }[] } {
  return {
    results: topics.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partition }) => ({ partition, ...told })),
    })),
  };
}
