import { silent } from '../../src/base/log.ts';
import { KafkaConnection } from '../../src/client/connection.ts';
import { nodeWorld } from '../../src/platform/node-world.ts';
import type { AnyApi, DecodedResponse, EncodableRequest } from '../../src/protocol/api.ts';
import { apis } from '../../src/protocol/apis.ts';
import { errorName } from '../../src/protocol/errors.ts';
import { requestFrame } from '../../src/protocol/testing/sample-requests.ts';
import {
  type Acl,
  operationCodes,
  type ResourceType,
  resourceTypeCodes,
} from '../../src/security/acl/acl.ts';
import { decodeAnswer } from '../fuzz/served.ts';
import { FrameSocket } from '../support/frame-socket.ts';
import type { Filled } from './beside-kafka.ts';

const ANSWER_MS = 90_000;
const CLUSTER_RESOURCE = 'kafka-cluster';
const ALLOW = 3;
const LITERAL = 3;

export type TakenRight = 'READ' | 'WRITE' | 'DESCRIBE';

const GIVEN: Readonly<Record<string, readonly TakenRight[]>> = {
  TOPIC: ['READ', 'WRITE', 'DESCRIBE'],
  GROUP: ['READ', 'DESCRIBE'],
  TRANSACTIONAL_ID: ['WRITE', 'DESCRIBE'],
  CLUSTER: ['DESCRIBE'],
};

/** Everything that a client of its own topics, groups and transactions needs, from this address. */
export function rightsFrom(host: string): Acl[] {
  return Object.entries(GIVEN).flatMap(([type, operations]) =>
    operations.map((operation) => ({
      resourceType: codeOf(type),
      resourceName: type === 'CLUSTER' ? CLUSTER_RESOURCE : '*',
      patternType: LITERAL,
      principal: 'User:ANONYMOUS',
      host,
      operation: operationCodes[operation],
      permissionType: ALLOW,
    })),
  );
}

function codeOf(type: string): number {
  const known = Object.entries(resourceTypeCodes).find(([name]) => name === type);
  if (!known) throw new Error(`${type} is no type of resource`);
  return known[1];
}

/**
 * A client at an address of its own, on one connection that stays open, and the owner of the cluster, who
 * takes its rights away.
 */
export class Guest {
  readonly host: string;
  readonly place: Filled['place'];
  readonly #socket: FrameSocket;
  readonly #owner: KafkaConnection;

  readonly #endOffset: number;

  private constructor(filled: Filled, host: string, owner: KafkaConnection, endOffset: number) {
    this.host = host;
    this.#endOffset = endOffset;
    this.place = filled.place;
    this.#socket = new FrameSocket(filled.port, host);
    this.#owner = owner;
  }

  static async of(filled: Filled, host: string): Promise<Guest> {
    const owner = await KafkaConnection.connect(nodeWorld(silent), {
      host: '127.0.0.1',
      port: filled.port,
      clientId: 'owner',
      timeoutMs: ANSWER_MS,
    });
    const { topics } = await owner.send(apis.listOffsets, {
      replicaId: -1,
      topics: [{ name: filled.place.topic, partitions: [{ partitionIndex: 0, timestamp: -1 }] }],
    });
    return new Guest(filled, host, owner, topics[0]?.partitions[0]?.offset ?? -1);
  }

  /** Where the partition ends that the guest reads. */
  get endOffset(): number {
    return this.#endOffset;
  }

  /** Resolves when the coordinator of the group (0) or transactional id (1) can be asked. */
  async coordinatorOf(keyType: number, key: string): Promise<void> {
    for (;;) {
      const { coordinators } = await this.#owner.send(apis.findCoordinator, {
        keyType,
        coordinatorKeys: [key],
      });
      if (coordinators[0]?.errorCode === 0) return;
    }
  }

  /** The owner's connection. */
  get owner(): KafkaConnection {
    return this.#owner;
  }

  /** Rejects when the connection ends, or nothing is answered in ANSWER_MS. */
  async ask<const A extends AnyApi>(
    api: A,
    message: EncodableRequest<A>,
    version: number = api.versions[1],
  ): Promise<DecodedResponse<A>> {
    const answer = await this.#socket.ask(requestFrame(api, version, { ...message }, 1), ANSWER_MS);
    if (answer === null || answer === 'late') throw new Error(`${api.name}: ${answer ?? 'closed'}`);
    return decodeAnswer({ api, version }, answer) as DecodedResponse<A>;
  }

  /** Resolves when the broker decides by the ACLs without this one. */
  async loses(type: ResourceType, operations: readonly TakenRight[]): Promise<void> {
    for (const operation of operations) {
      const filter = {
        resourceTypeFilter: resourceTypeCodes[type],
        resourceNameFilter: null,
        patternTypeFilter: LITERAL,
        principalFilter: null,
        hostFilter: this.host,
        operation: operationCodes[operation],
        permissionType: ALLOW,
      };
      await this.#owner.send(apis.deleteAcls, { filters: [filter] });
      for (;;) {
        const { resources } = await this.#owner.send(apis.describeAcls, filter);
        if (resources.length === 0) break;
      }
    }
  }

  close(): void {
    this.#socket.destroy();
    this.#owner.close();
  }
}

/** The names of all errors in an answer, in their order. */
export function errorsOf(answer: unknown): string {
  const text = JSON.stringify(answer, (name, value) => {
    if (typeof value === 'bigint') return Number(value);
    return /errorCode$/i.test(name) ? errorName(value) : value;
  });
  return [...text.matchAll(/rrorCode":"([A-Z_]+)"/g)].map(([, name]) => name).join();
}
