import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../../src/base/log.ts';
import type { World } from '../../src/base/world.ts';
import { Broker } from '../../src/broker/broker.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { Controller } from '../../src/controller/controller.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import { createTopics } from '../../src/protocol/messages/19-create-topics.ts';
import { CLUSTER_ID } from '../../src/protocol/testing/sample-requests.ts';
import { type DirectConnection, DirectNetwork } from './direct-network.ts';

export const listeners = ['CLIENT', 'REPLICATION', 'CONTROLLER'] as const;
export type ListenerName = (typeof listeners)[number];

/** Texts that a log may not have while a node only gets requests, however wrong they are. */
export const NEVER_SAID: readonly string[] = [
  'a request failed',
  'our own code is wrong, and this process cannot go on',
];
const CONTROLLER_ID = 100;
/** One broker can do everything, and nothing waits for others. */
const CONFIG = {
  'offsets.topic.num.partitions': '1',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.num.partitions': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
};
const ANSWER_MS = 60_000;

/**
 * A real controller and broker in this process that are sent bytes, and everything that went wrong in them.
 */
export class NodeUnderFire {
  readonly failures: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'millrace-fuzz-'));
  readonly #connections = new Map<string, DirectConnection>();
  readonly #world: World;
  readonly #network: DirectNetwork;
  #controller: Controller | undefined;
  #broker: Broker | undefined;

  constructor() {
    const world = nodeWorld(this.#log());
    this.#network = new DirectNetwork(world.network);
    this.#world = { ...world, network: this.#network };
  }

  static async start(config: Readonly<Record<string, string>> = {}): Promise<NodeUnderFire> {
    const node = new NodeUnderFire();
    await node.#start(config);
    return node;
  }

  async #start(config: Readonly<Record<string, string>>): Promise<void> {
    const world = this.#world;
    const fatal = (error: Error) =>
      this.failures.push(`the process would have ended: ${String(error.stack)}`);
    const place = { clusterId: CLUSTER_ID, config: { ...CONFIG, ...config } };
    this.#controller = await Controller.start(
      world,
      { ...place, nodeId: CONTROLLER_ID, dataDirectory: join(this.#folder, 'c'), host: '127.0.0.1', port: 0 },
      fatal,
    );
    this.#broker = await Broker.start(
      world,
      {
        ...place,
        brokerId: 1,
        rack: null,
        dataDirectory: join(this.#folder, 'b'),
        controller: { id: CONTROLLER_ID, host: '127.0.0.1', port: this.#controller.port },
        listeners: [
          { name: 'CLIENT', purpose: 'client', host: '127.0.0.1', port: 0 },
          { name: 'REPLICATION', purpose: 'replication', host: '127.0.0.1', port: 0 },
        ],
      },
      fatal,
    );
  }

  async createTopic(name: string, configs: Readonly<Record<string, string>> = {}): Promise<void> {
    const connection = await this.connect();
    const assignments = [{ partitionIndex: 0, brokerIds: [1] }];
    const topic = { name, numPartitions: -1, replicationFactor: -1, assignments };
    const given = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
    await connection.send(createTopics, { topics: [{ ...topic, configs: given }] });
    while (this.broker.replicas.find(name, 0)?.isLeader !== true)
      await new Promise<void>((resolve) => setTimeout(resolve, 2));
    connection.close();
  }

  get broker(): Broker {
    if (!this.#broker) throw new Error('not started');
    return this.#broker;
  }

  connect(listener: ListenerName = 'CLIENT'): Promise<KafkaConnection> {
    const address = { host: '127.0.0.1', port: this.port(listener) };
    return KafkaConnection.connect(this.#world, { ...address, clientId: 'healthy', timeoutMs: ANSWER_MS });
  }

  port(listener: ListenerName): number {
    return listener === 'CONTROLLER' ? (this.#controller?.port ?? 0) : this.broker.port(listener);
  }

  /**
   * The answer to a frame (neither has its length), or null if the connection was closed instead. With
   * `patienceMs` there may also be no answer. Each lane has connections of its own, without sockets.
   */
  async ask(
    { listener, lane }: { readonly listener: ListenerName; readonly lane: number },
    frame: Buffer,
    patienceMs?: number,
  ): Promise<Buffer | null> {
    const key = `${listener} ${lane}`;
    let connection = this.#connections.get(key);
    if (!connection || connection.isClosed) {
      connection = this.#network.open(this.port(listener));
      this.#connections.set(key, connection);
    }
    const answer = await connection.ask(frame, patienceMs ?? ANSWER_MS);
    if (answer === 'late') {
      connection.destroy();
      this.#connections.delete(key);
      if (patienceMs !== undefined) return null;
      this.failures.push(`no answer from ${listener} within ${ANSWER_MS} ms: ${frame.toString('hex')}`);
      return null;
    }
    return answer;
  }

  async stop(): Promise<void> {
    for (const connection of this.#connections.values()) connection.destroy();
    await this.#broker?.stop();
    await this.#controller?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #log(): Logger {
    const log: Logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (message, fields) => {
        if (!NEVER_SAID.includes(message)) return;
        const { error, ...rest } = fields ?? {};
        const stack = error instanceof Error ? error.stack : String(error);
        this.failures.push(`${message} ${JSON.stringify(rest)}: ${stack}`);
      },
      child: () => log,
    };
    return log;
  }
}
