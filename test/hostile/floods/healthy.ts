import { setTimeout as pause } from 'node:timers/promises';
import { silent } from '../../../src/base/log.ts';
import { KafkaConnection } from '../../../src/client/connection.ts';
import { signIn } from '../../../src/kafka-client/connections/sign-in.ts';
import { nodeWorld } from '../../../src/platform/node-world.ts';
import { apis } from '../../../src/protocol/apis.ts';
import { errorName } from '../../../src/protocol/errors.ts';
import { buildBatch } from '../../../src/protocol/records/record.ts';

const TOPIC = 'healthy';
const PRODUCE_EVERY_MS = 10;
const SIGN_IN_EVERY_MS = 500;
const ANSWER_MS = 20_000;

/** How long a normal client had to wait, in milliseconds. */
export interface Waited {
  readonly produceP99: number;
  readonly signInP99: number;
}

/**
 * Alice writes a record every ten milliseconds on one connection, and signs in on another one twice a second.
 */
export class HealthyClient {
  readonly #connect: () => Promise<KafkaConnection>;

  constructor(target: { readonly port: number; readonly ca: string; readonly password: string }) {
    const world = nodeWorld(silent);
    const login = { mechanism: 'SCRAM-SHA-512', user: 'alice', password: target.password } as const;
    this.#connect = () =>
      KafkaConnection.connect(world, {
        host: '127.0.0.1',
        port: target.port,
        clientId: 'alice',
        timeoutMs: ANSWER_MS,
        tls: { serverCas: target.ca, serverName: 'localhost' },
        authenticate: (connection) => signIn(world, connection, login),
      });
  }

  async createTopic(): Promise<void> {
    const connection = await this.#connect();
    const topic = { name: TOPIC, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
    const { topics } = await connection.send(apis.createTopics, { topics: [topic] });
    if (topics[0]?.errorCode !== 0) throw new Error(errorName(topics[0]?.errorCode ?? -1));
    connection.close();
  }

  /** Rejects if a record is refused or a sign-in fails. */
  async work(seconds: number): Promise<Waited> {
    const connection = await this.#connect();
    const until = performance.now() + seconds * 1000;
    const records = buildBatch({ records: [{ timestamp: 1, key: null, value: Buffer.alloc(100, 'x') }] });
    const topicData = [{ name: TOPIC, partitionData: [{ index: 0, records }] }];
    const produce = async () => {
      const request = { transactionalId: null, acks: 1, timeoutMs: ANSWER_MS, topicData };
      const answer = await connection.send(apis.produce, request, { version: 11 });
      const error = answer.responses[0]?.partitionResponses[0]?.errorCode ?? -1;
      if (error !== 0) throw new Error(`a healthy record was refused: ${errorName(error)}`);
    };
    const comeIn = async () => (await this.#connect()).close();
    const [produces, signIns] = await Promise.all([
      timed(produce, PRODUCE_EVERY_MS, until),
      timed(comeIn, SIGN_IN_EVERY_MS, until),
    ]);
    connection.close();
    return { produceP99: p99(produces), signInP99: p99(signIns) };
  }
}

/** The duration of each call; calls begin at a steady rate, one after the other. */
async function timed(work: () => Promise<void>, everyMs: number, until: number): Promise<number[]> {
  const took: number[] = [];
  for (let due = performance.now(); due < until; due += everyMs) {
    await pause(Math.max(0, due - performance.now()));
    const began = performance.now();
    await work();
    took.push(performance.now() - began);
  }
  return took;
}

function p99(ms: readonly number[]): number {
  const sorted = ms.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0;
}
