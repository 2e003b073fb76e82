import type { Uuid } from '../../src/base/brand.ts';
import { sleep } from '../../src/base/clock.ts';
import { randomUuid } from '../../src/base/random.ts';
import { acknowledgeType } from '../../src/broker/sharing/acknowledgements.ts';
import { ConnectionError } from '../../src/client/connection-error.ts';
import { shareGroupHeartbeat } from '../../src/protocol/messages/76-share-group-heartbeat.ts';
import { type ShareFetchResponse, shareFetch } from '../../src/protocol/messages/78-share-fetch.ts';
import { shareAcknowledge } from '../../src/protocol/messages/79-share-acknowledge.ts';
import { batches } from '../../src/protocol/records/batch.ts';
import { readRecords } from '../../src/protocol/records/record.ts';
import { type ClusterClient, REQUEST_MS } from '../cluster/cluster-client.ts';

const JOINING = 0;
const LEAVING = -1;
const OPENING = 0;
const PAUSE_MS = 200;
/** Simulated; longer than any election, initialization or lock of the tests that use it. */
const GIVE_UP_MS = 60_000;

type Told = ShareFetchResponse['responses'][number]['partitions'][number];

/** One member of a share group that reads one partition, and accepts every record that it is given. */
export class ShareReader {
  readonly #client: ClusterClient;
  readonly #group: string;
  readonly #topic: string;
  readonly #memberId: string;
  #epoch = JOINING;

  constructor(client: ClusterClient, { group, topic }: { readonly group: string; readonly topic: string }) {
    this.#client = client;
    this.#group = group;
    this.#topic = topic;
    this.#memberId = randomUuid(client.random);
  }

  /**
   * Reads until it was told that it has accepted so many records, and resolves with their values. Rejects
   * when they do not come.
   */
  async take(count: number): Promise<string[]> {
    const { clock } = this.#client.world;
    const since = clock.monotonic();
    const taken: string[] = [];
    let last = 'nothing was tried';
    while (taken.length < count) {
      if (clock.monotonic() - since > GIVE_UP_MS)
        throw new Error(`${this.#group} was given ${taken.length} of ${count} records: ${last}`);
      try {
        last = await this.#round(taken);
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        last = error.message;
      }
      this.#client.forgetLeaders();
      await sleep(clock, PAUSE_MS);
    }
    return taken;
  }

  /** Resolves when the coordinator knows that it is gone. */
  async leave(): Promise<void> {
    const beat = await this.#heartbeat(LEAVING);
    if (beat?.errorCode !== 0) throw new Error(`leaving ${this.#group} was refused`);
    this.#epoch = JOINING;
  }

  /** Adds to `taken` what it was told that it has accepted. Resolves with what happened, for people. */
  async #round(taken: string[]): Promise<string> {
    const beat = await this.#heartbeat(this.#epoch);
    if (beat?.errorCode !== 0) {
      this.#epoch = JOINING;
      return `a heartbeat was answered with ${beat?.errorMessage ?? beat?.errorCode}`;
    }
    this.#epoch = beat.memberEpoch;
    const topicId = beat.assignment?.topicPartitions[0]?.topicId;
    // The next heartbeat of a new member is told the assignment again.
    this.#epoch = topicId === undefined ? this.#epoch : JOINING;
    if (topicId === undefined) return 'it is assigned nothing';
    return this.#fetch(topicId, taken);
  }

  async #heartbeat(memberEpoch: number) {
    const found = await this.#client.coordinatorOf('group', this.#group);
    if (!found) return undefined;
    const connection = await this.#client.connect(found.host);
    return connection.send(
      shareGroupHeartbeat,
      {
        groupId: this.#group,
        memberId: this.#memberId,
        memberEpoch,
        subscribedTopicNames: memberEpoch === LEAVING ? null : [this.#topic],
      },
      { timeoutMs: REQUEST_MS },
    );
  }

  /** A share session of two requests: one that acquires, one that accepts what came. */
  async #fetch(topicId: Uuid, taken: string[]): Promise<string> {
    const leader = await this.#client.leaderOf(this.#topic, 0);
    if (!leader) return 'nobody leads the partition';
    const session = { groupId: this.#group, memberId: this.#memberId };
    const answer = await leader.send(
      shareFetch,
      {
        ...session,
        shareSessionEpoch: OPENING,
        maxWaitMs: 100,
        minBytes: 1,
        maxBytes: 100_000,
        maxRecords: 100,
        batchSize: 100,
        topics: [{ topicId, partitions: [{ partitionIndex: 0, acknowledgementBatches: [] }] }],
        forgottenTopicsData: [],
      },
      { timeoutMs: REQUEST_MS },
    );
    const told = answer.responses[0]?.partitions[0];
    if (answer.errorCode !== 0 || !told) return `a fetch was answered with ${answer.errorCode}`;
    if (told.errorCode !== 0) return `a fetch of the partition: ${told.errorMessage ?? told.errorCode}`;
    const acknowledgementBatches = told.acquiredRecords.map(({ firstOffset, lastOffset }) => ({
      firstOffset,
      lastOffset,
      acknowledgeTypes: [acknowledgeType.accept],
    }));
    const accepted = await leader.send(
      shareAcknowledge,
      {
        ...session,
        shareSessionEpoch: LEAVING,
        topics: [{ topicId, partitions: [{ partitionIndex: 0, acknowledgementBatches }] }],
      },
      { timeoutMs: REQUEST_MS },
    );
    const { errorCode, errorMessage } = accepted.responses[0]?.partitions[0] ?? { errorCode: 0 };
    if (accepted.errorCode !== 0 || errorCode !== 0)
      return `acceptance was answered with ${errorMessage ?? (accepted.errorCode || errorCode)}`;
    taken.push(...valuesOf(told));
    return `${told.acquiredRecords.length} ranges were acquired`;
  }
}

/** The values of the records that were acquired, in the order of their offsets. */
function valuesOf({ records, acquiredRecords }: Told): string[] {
  const values: string[] = [];
  for (const { bytes } of batches(Buffer.isBuffer(records) ? records : Buffer.alloc(0)))
    for (const { offset, value } of readRecords(bytes))
      if (
        acquiredRecords.some(({ firstOffset, lastOffset }) => firstOffset <= offset && offset <= lastOffset)
      )
        values.push(String(value));
  return values;
}
