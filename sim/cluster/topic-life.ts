import type { Uuid } from '../../src/base/brand.ts';
import { below } from '../../src/base/random.ts';
import { fetch } from '../../src/protocol/messages/01-fetch.ts';
import { batches } from '../../src/protocol/records/batch.ts';
import { readRecords } from '../../src/protocol/records/record.ts';
import type { LivesAreApart } from '../checkers/lives-are-apart.ts';
import { type ClusterClient, REQUEST_MS } from './cluster-client.ts';
import type { IdempotentProducer } from './producers.ts';

/** A topic from its creation to its deletion, and the clients that know its id. */
export interface TopicLife {
  readonly topicId: Uuid;
  readonly partitions: number;
  readonly producer: IdempotentProducer;
  isEnded: boolean;
}

/**
 * Reads by topic id, as consumers do since KIP-516, also from a topic that was deleted meanwhile: a client
 * goes on with the id it has until it asks for metadata again.
 */
export async function readByTopicId(
  client: ClusterClient,
  options: {
    readonly topic: string;
    /** One of the lives that there were; null before the first. */
    readonly life: () => TopicLife | null;
    readonly apart: LivesAreApart;
    /** Whether the broker at this host knows that there is no topic with this id any more. */
    readonly knowsOfDeletion: (host: string, topicId: Uuid) => boolean;
    readonly isOver: () => boolean;
  },
): Promise<void> {
  const { topic, life, apart, knowsOfDeletion, isOver } = options;
  while (!isOver()) {
    const one = life();
    if (one)
      await client.tried(async () => {
        const partition = below(client.random, one.partitions);
        const connection = await client.leaderOf(topic, partition);
        if (!connection) return;
        const [host = ''] = connection.remote.split(':');
        const wasGone = knowsOfDeletion(host, one.topicId);
        const answer = await connection.send(
          fetch,
          {
            maxWaitMs: 50,
            minBytes: 1,
            topics: [
              {
                topicId: one.topicId,
                partitions: [{ partition, fetchOffset: below(client.random, 20), partitionMaxBytes: 2000 }],
              },
            ],
            forgottenTopicsData: [],
          },
          { version: 13, timeoutMs: REQUEST_MS },
        );
        const result = answer.responses[0]?.partitions[0];
        if (answer.errorCode !== 0 || result?.errorCode !== 0) return client.forgetLeaders();
        if (wasGone) apart.answered(host, one.topicId);
        for (const { header, bytes } of batches(result.records ?? Buffer.alloc(0)))
          if (!header.isControl)
            for (const { value } of readRecords(bytes)) apart.saw(host, one.topicId, String(value));
      });
    await client.pause(80);
  }
}
