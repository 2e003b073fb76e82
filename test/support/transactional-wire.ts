import { silent } from '../../src/base/log.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { type ErrorName, errorName } from '../../src/protocol/errors.ts';
import { produce } from '../../src/protocol/messages/00-produce.ts';
import { listOffsets } from '../../src/protocol/messages/02-list-offsets.ts';
import { metadata } from '../../src/protocol/messages/03-metadata.ts';
import { findCoordinator } from '../../src/protocol/messages/10-find-coordinator.ts';
import { initProducerId } from '../../src/protocol/messages/22-init-producer-id.ts';
import { addPartitionsToTxn } from '../../src/protocol/messages/24-add-partitions-to-txn.ts';
import { endTxn } from '../../src/protocol/messages/26-end-txn.ts';
import { writeTxnMarkers } from '../../src/protocol/messages/27-write-txn-markers.ts';
import { buildBatch } from '../../src/protocol/records/record.ts';

interface Ids {
  readonly producerId: number;
  readonly producerEpoch: number;
}

const TOPIC = 'orders';
const PARTITION = 2;
const ANSWER_MS = 60_000;

/**
 * A transactional producer that does single steps in a chosen version, also those that no client would do.
 */
export class TransactionalWire {
  readonly #transactionalId: string;
  readonly #coordinator: KafkaConnection;
  readonly #leader: KafkaConnection;

  private constructor(transactionalId: string, coordinator: KafkaConnection, leader: KafkaConnection) {
    this.#transactionalId = transactionalId;
    this.#coordinator = coordinator;
    this.#leader = leader;
  }

  static async open(bootstrap: readonly string[], transactionalId: string): Promise<TransactionalWire> {
    const world = nodeWorld(silent);
    const connect = (host: string, port: number) =>
      KafkaConnection.connect(world, { host, port, clientId: 'wire', timeoutMs: ANSWER_MS });
    const [host = '', port = ''] = bootstrap[0]?.split(':') ?? [];
    const any = await connect(host, Number(port));
    for (;;) {
      const { coordinators } = await any.send(findCoordinator, {
        keyType: 1,
        coordinatorKeys: [transactionalId],
      });
      const { brokers, topics } = await any.send(metadata, { topics: [{ name: TOPIC }] });
      const leaderId = topics[0]?.partitions.find(
        ({ partitionIndex }) => partitionIndex === PARTITION,
      )?.leaderId;
      const leader = brokers.find(({ nodeId }) => nodeId === leaderId);
      const coordinator = coordinators[0];
      if (!leader || coordinator?.errorCode !== 0) continue;
      any.close();
      return new TransactionalWire(
        transactionalId,
        await connect(coordinator.host, coordinator.port),
        await connect(leader.host, leader.port),
      );
    }
  }

  async initProducerId(): Promise<Ids> {
    for (;;) {
      const answer = await this.#coordinator.send(initProducerId, {
        transactionalId: this.#transactionalId,
        transactionTimeoutMs: 60_000,
      });
      if (answer.errorCode === 0) return answer;
    }
  }

  /** The producer with these ids asks for its next epoch (KIP-360), again while the error is transient. */
  async bumpEpoch({ producerId, producerEpoch }: Ids): Promise<Ids & { readonly error: ErrorName }> {
    for (;;) {
      const answer = await this.#coordinator.send(initProducerId, {
        transactionalId: this.#transactionalId,
        transactionTimeoutMs: 60_000,
        producerId,
        producerEpoch,
      });
      const error = errorName(answer.errorCode);
      if (error !== 'CONCURRENT_TRANSACTIONS')
        return { error, producerId: answer.producerId, producerEpoch: answer.producerEpoch };
    }
  }

  async addPartition({ producerId, producerEpoch }: Ids): Promise<ErrorName> {
    const answer = await this.#coordinator.send(
      addPartitionsToTxn,
      {
        v3AndBelowTransactionalId: this.#transactionalId,
        v3AndBelowProducerId: producerId,
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: [{ name: TOPIC, partitions: [PARTITION] }],
      },
      { version: 3 },
    );
    const result = answer.resultsByTopicV3AndBelow[0]?.resultsByPartition[0];
    return errorName(result?.partitionErrorCode ?? -1);
  }

  async produce(
    version: number,
    batch: Ids & { readonly value: string; readonly baseSequence?: number },
  ): Promise<ErrorName> {
    const records = buildBatch({
      records: [{ timestamp: Date.now(), key: null, value: Buffer.from(batch.value) }],
      producerId: batch.producerId,
      producerEpoch: batch.producerEpoch,
      baseSequence: batch.baseSequence ?? 0,
      isTransactional: true,
    });
    const answer = await this.#leader.send(
      produce,
      {
        transactionalId: this.#transactionalId,
        acks: -1,
        timeoutMs: ANSWER_MS,
        topicData: [{ name: TOPIC, partitionData: [{ index: PARTITION, records }] }],
      },
      { version },
    );
    return errorName(answer.responses[0]?.partitionResponses[0]?.errorCode ?? -1);
  }

  /** Commits. */
  async endTxn(version: number, ids: Ids): Promise<Ids & { readonly error: ErrorName }> {
    const { producerId, producerEpoch } = ids;
    const answer = await this.#coordinator.send(
      endTxn,
      { transactionalId: this.#transactionalId, producerId, producerEpoch, committed: true },
      { version },
    );
    return {
      error: errorName(answer.errorCode),
      producerId: answer.producerId,
      producerEpoch: answer.producerEpoch,
    };
  }

  /** Ends the transaction in the partition only, as Admin.abortTransaction does. */
  async abortHere({ producerId, producerEpoch }: Ids): Promise<ErrorName> {
    const answer = await this.#leader.send(
      writeTxnMarkers,
      {
        markers: [
          {
            producerId,
            producerEpoch,
            transactionResult: false,
            topics: [{ name: TOPIC, partitionIndexes: [PARTITION] }],
            coordinatorEpoch: 0,
          },
        ],
      },
      { version: 1 },
    );
    return errorName(answer.markers[0]?.topics[0]?.partitions[0]?.errorCode ?? -1);
  }

  /** The offset up to which a reader of committed records may read. */
  async lastStableOffset(): Promise<number> {
    const answer = await this.#leader.send(listOffsets, {
      replicaId: -1,
      isolationLevel: 1,
      topics: [
        { name: TOPIC, partitions: [{ partitionIndex: PARTITION, currentLeaderEpoch: -1, timestamp: -1n }] },
      ],
      timeoutMs: ANSWER_MS,
    });
    return Number(answer.topics[0]?.partitions[0]?.offset ?? -1);
  }

  async close(): Promise<void> {
    this.#coordinator.close();
    this.#leader.close();
  }
}
