import { offsetCommit } from '../../src/protocol/messages/08-offset-commit.ts';
import { offsetFetch } from '../../src/protocol/messages/09-offset-fetch.ts';
import { TableHistory } from './table-history.ts';
import { accept, REQUEST, type WireClient } from './wire-client.ts';
import type { Workload } from './workload.ts';

const TOPIC = 'consumed';
const GROUPS = 40;

/** Groups without members that commit offsets: a group never fetches an older offset than it committed. */
export class CommittedOffsets implements Workload {
  readonly name = 'committed offsets';
  readonly topic = '__consumer_offsets';
  acknowledged = 0;
  readonly #client: WireClient;
  readonly #history = new TableHistory();
  #next = 0;

  static async open(
    client: WireClient,
    configs: Readonly<Record<string, string>>,
  ): Promise<CommittedOffsets> {
    await client.createTopic(TOPIC, 1);
    await client.retried(() => client.coordinator('group', 'group-0'));
    await client.alterTopic('__consumer_offsets', configs);
    return new CommittedOffsets(client);
  }

  private constructor(client: WireClient) {
    this.#client = client;
  }

  async step(): Promise<void> {
    const committedOffset = this.#next++;
    const groupId = `group-${committedOffset % GROUPS}`;
    const coordinator = await this.#client.coordinator('group', groupId);
    const partitions = [{ partitionIndex: 0, committedOffset, committedMetadata: null }];
    const request = { groupId, memberId: '', topics: [{ name: TOPIC, partitions }] };
    this.#history.wrote(groupId, committedOffset);
    const answer = await coordinator.send(offsetCommit, request, { ...REQUEST, version: 9 });
    accept(answer.topics[0]?.partitions[0]?.errorCode);
    this.#history.acknowledged(groupId, committedOffset);
    this.acknowledged++;
  }

  async violations(): Promise<string[]> {
    const found = new Map<string, number>();
    for (const groupId of this.#history.keys())
      found.set(groupId, await this.#client.retried(() => this.#fetch(groupId)));
    return this.#history.violations(found);
  }

  async #fetch(groupId: string): Promise<number> {
    const coordinator = await this.#client.coordinator('group', groupId);
    const topics = [{ name: TOPIC, partitionIndexes: [0] }];
    const answer = await coordinator.send(offsetFetch, { groupId, topics }, { ...REQUEST, version: 7 });
    accept(answer.errorCode);
    const partition = answer.topics[0]?.partitions[0];
    accept(partition?.errorCode);
    return Number(partition?.committedOffset ?? -1);
  }
}
