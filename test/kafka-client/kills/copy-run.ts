import { silent } from '../../../src/base/log.ts';
import { below, Sfc32 } from '../../../src/base/random.ts';
import type { HostAndPort } from '../../../src/kafka-client/connections/host-and-port.ts';
import type { AssignorName } from '../../../src/kafka-client/consumer/consumer-options.ts';
import { KafkaClient } from '../../../src/kafka-client/kafka-client.ts';
import { KafkaClientError } from '../../../src/kafka-client/kafka-client-error.ts';
import { nodeWorld } from '../../../src/platform/node-world.ts';
import { CopyMember } from './copy-member.ts';

const SOURCE = 'copy-source';
const TARGET = 'copy-target';
const GROUP = 'copiers';
const WRITE_EVERY_MS = 20;
/** Brokers of a busy machine take their time to start. */
const CALL_MS = 240_000;

export interface CopyRun {
  readonly bootstrap: readonly HostAndPort[];
  /** Kills a broker and starts it again; the next blow waits until all replicas are in sync. */
  blow(): Promise<void>;
  readonly seconds: number;
  readonly partitions: number;
  readonly seed: number;
}

export interface CopyOutcome {
  readonly written: number;
  readonly copied: number;
  readonly blows: number;
  /** The number of transactions that were aborted, and of refusals of removed members. */
  readonly aborted: number;
  readonly refused: number;
  /** What is wrong with the copy, partition by partition. */
  readonly problems: readonly string[];
}

/**
 * Members of a group read one topic and write what they read to another, with the offsets in the same
 * transaction, while brokers are killed, members come and go, and some sleep for longer than they may. Each
 * partition of the copy must have all records once and in order.
 */
export async function runCopy({ bootstrap, blow, seconds, partitions, seed }: CopyRun): Promise<CopyOutcome> {
  const newClient = (clientId: string) =>
    new KafkaClient(nodeWorld(silent), { bootstrap, clientId, callTimeoutMs: CALL_MS });
  const client = newClient('copy-run');
  for (const name of [SOURCE, TARGET]) await create(client, name, partitions);
  const random = new Sfc32(seed);
  const deadline = Date.now() + seconds * 1000;
  const written = Array.from({ length: partitions }, () => 0);
  const write = async (): Promise<void> => {
    const producer = client.producer({ batchBytes: 4000, deliveryTimeoutMs: WHOLE_MS * 2 });
    const sent: Promise<unknown>[] = [];
    while (Date.now() < deadline) {
      for (let partition = 0; partition < partitions; partition++)
        for (let count = 1 + below(random, 10); count > 0; count--) {
          const value = Buffer.from(String(written[partition]));
          written[partition] = (written[partition] ?? 0) + 1;
          sent.push(producer.send({ topic: SOURCE, partition, value }));
        }
      await pause(WRITE_EVERY_MS);
    }
    await Promise.all(sent);
    await producer.close();
  };
  const stopping = new AbortController();
  const assignors: readonly AssignorName[] = below(random, 2) === 0 ? ['range'] : ['cooperative-sticky'];
  const members = [0, 1, 2].map(
    (number) =>
      new CopyMember({
        ...{ number, source: SOURCE, target: TARGET, groupId: GROUP, assignors, random },
        newClient: () => newClient(`copier-${number}`),
        // One member is static, one leaves and comes back.
        instanceId: number === 0 ? 'static' : null,
        livesMs: number === 2 ? 3000 : null,
      }),
  );
  const running = members.map((member) => member.run(stopping.signal));
  let blows = 0;
  const strike = async (): Promise<void> => {
    while (Date.now() < deadline) {
      await pause(500 + below(random, 2000));
      await blow();
      blows++;
      await whole(client);
    }
  };
  await Promise.all([write(), strike()]);
  const problems = await problemsOf(newClient('copy-check'), written, stopping);
  await Promise.all(running);
  client.close();
  const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
  return {
    ...{ written: sum(written), blows, problems },
    copied: sum(members.map(({ copied }) => copied)),
    aborted: sum(members.map(({ aborted }) => aborted)),
    refused: sum(members.map(({ refused }) => refused)),
  };
}

const WHOLE_MS = 240_000;

/** Brokers that are starting may not all be registered yet. */
async function create(client: KafkaClient, name: string, partitions: number): Promise<void> {
  const configs = new Map([['min.insync.replicas', '2']]);
  const deadline = Date.now() + WHOLE_MS;
  for (;;)
    try {
      await client.admin.topics.create({ name, partitions, replicationFactor: 3, configs });
      return;
    } catch (error) {
      const isEarly = error instanceof KafkaClientError && error.code === 'INVALID_REPLICATION_FACTOR';
      if (!isEarly || Date.now() > deadline) throw error;
      await pause(200);
    }
}

/** Resolves when every partition has all replicas in sync. */
async function whole(client: KafkaClient): Promise<void> {
  const deadline = Date.now() + WHOLE_MS;
  for (;;) {
    const topics = await Promise.all([SOURCE, TARGET].map((name) => client.admin.topics.describe(name)));
    if (
      topics.every(({ partitions }) =>
        partitions.every(({ isr, replicas }) => isr.length === replicas.length),
      )
    )
      return;
    if (Date.now() > deadline) throw new Error('a broker that was killed is not in sync again');
    await pause(200);
  }
}

const CATCH_UP_MS = 600_000;
/** Duplicates come soon after the rest. */
const QUIET_MS = 3_000;

/**
 * Reads the copy until it has as much as was written, and a while longer; `stopping` ends the members that
 * copy.
 */
async function problemsOf(
  client: KafkaClient,
  written: readonly number[],
  stopping: AbortController,
): Promise<string[]> {
  const consumer = client.consumer({ offsetReset: 'earliest' });
  consumer.assign(written.map((_, partition) => ({ topic: TARGET, partition })));
  const next = written.map(() => 0);
  const problems: string[] = [];
  let left = written.reduce((all, one) => all + one, 0);
  let deadline = Date.now() + CATCH_UP_MS;
  for (;;) {
    const records = await consumer.poll(500);
    for (const { partition, offset, value } of records) {
      left--;
      const number = Number(value);
      if (number !== next[partition] && problems.length < 10)
        problems.push(`partition ${partition} has ${number} at offset ${offset}, and not ${next[partition]}`);
      next[partition] = number + 1;
    }
    if (left <= 0 && !stopping.signal.aborted) {
      stopping.abort();
      deadline = Date.now() + QUIET_MS;
    }
    if (Date.now() >= deadline) break;
  }
  stopping.abort();
  for (const [partition, count] of written.entries())
    if (next[partition] !== count)
      problems.push(`partition ${partition} ends with ${next[partition]} records of ${count}`);
  await consumer.close();
  client.close();
  return problems;
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
