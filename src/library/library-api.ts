import { join } from 'node:path';
import { RefusedStart } from '../base/refused.ts';
import type { World } from '../base/world.ts';
import { withDefaults } from '../control/api/provisioned.ts';
import { clusterArn } from '../control/aws/arn.ts';
import { DEFAULT_INSTANCE_TYPE } from '../control/aws/instance-types.ts';
import { DEFAULT_KAFKA_VERSION } from '../control/aws/kafka-versions.ts';
import { ControlPlane } from '../control/control-plane.ts';
import type { ClientEndpoint } from '../control/endpoints/endpoint.ts';
import { KafkaAdmin } from '../control/rebalance/kafka-admin.ts';
import type { Cluster } from '../control/state/cluster.ts';
import { PORT_OFFSET } from '../control/state/ports.ts';
import { usesTls } from '../security/protocol.ts';
import { advertisedHosts } from './advertised-hosts.ts';
import { type ClusterNodes, INTERNAL_HOST } from './cluster-nodes.ts';
import { InProcessEngine } from './in-process-engine.ts';
import type { ClientListener } from './listener-option.ts';
import { FIRST_LISTENER, REPLICATION_LISTENER } from './listener-option.ts';
import { TemporaryFolder } from './temporary-folder.ts';

const PLACE = { region: 'us-east-1', account: '000000000000' };
/** Nothing in one process hangs alone, so nobody is ended for hanging. */
const HUNG_AFTER_MS = 86_400_000;

/**
 * The MSK API in this process. It knows the cluster of `startCluster` as one that is ACTIVE; what is made
 * through it lives as long as it does.
 */
export class LibraryApi {
  readonly #control: ControlPlane;
  readonly #folder: TemporaryFolder;

  private constructor(control: ControlPlane, folder: TemporaryFolder) {
    this.#control = control;
    this.#folder = folder;
  }

  static async start(
    world: World,
    options: {
      readonly port: number;
      readonly clusterName: string;
      readonly clusterId: string;
      /** At least one. */
      readonly listeners: readonly ClientListener[];
      readonly nodes: ClusterNodes;
      readonly config: Readonly<Record<string, string>>;
    },
  ): Promise<LibraryApi> {
    const folder = TemporaryFolder.make();
    const { listeners, nodes, port } = options;
    const advertised = advertisedHosts(listeners);
    const [{ host }] = advertised;
    const engine = new InProcessEngine(world, { folder: folder.path, advertised });
    let control: ControlPlane | undefined;
    try {
      control = await ControlPlane.start(
        world,
        {
          ...PLACE,
          dataDirectory: join(folder.path, 'api'),
          host,
          port,
          advertised,
          hungAfterMs: HUNG_AFTER_MS,
          keepsAlive: false,
        },
        engine,
        (cluster) => connect(world, cluster, engine),
      );
      const cluster = adopted(world, options);
      engine.adopt(cluster.arn, nodes);
      control.store.execute(() => ({ records: [{ type: 'ClusterRecord', cluster }], answer: null }));
      await control.serving();
      return new LibraryApi(control, folder);
    } catch (error) {
      await control?.stop();
      await folder.remove();
      if (!(error instanceof RefusedStart && error.code === 'PORT')) throw error;
      throw new Error(
        `Port ${port} on ${host} is in use by another process: choose another one with the option api.port.`,
        { cause: error },
      );
    }
  }

  /** What the AWS SDKs take as their endpoint. */
  get url(): string {
    return this.#control.url;
  }

  /** Also stops every cluster that was made through it, and the adopted one. */
  async stop(): Promise<void> {
    await this.#control.stop();
    await this.#folder.remove();
  }
}

/** Where a broker of `startCluster` listens: its ports are taken as they come. */
function endpointsOf(
  nodes: ClusterNodes,
  id: number,
  listeners: readonly ClientListener[],
): ClientEndpoint[] {
  return listeners
    .filter(({ security }) => !usesTls(security))
    .map(({ name, security, host, advertise }, nth) => ({
      kind: 'plaintext',
      nth,
      listener: name,
      security,
      host,
      port: nodes.port(id, name),
      advertisedHost: advertise,
    }));
}

/** Brokers are asked where they listen to each other: those ports are taken as they come. */
function connect(world: World, cluster: Cluster, engine: InProcessEngine): KafkaAdmin {
  const nodes = engine.nodes(cluster.arn);
  return new KafkaAdmin(world, {
    bootstrap: cluster.brokers.map(({ id }) => ({
      node: id,
      host: INTERNAL_HOST,
      port: nodes?.port(id, REPLICATION_LISTENER) ?? 0,
    })),
    clientId: 'millrace-control',
    ...(nodes ? { peers: nodes.peers } : {}),
  });
}

/** The cluster as the API would have made it, on the ports that it has. */
function adopted(
  world: World,
  options: {
    readonly clusterName: string;
    readonly clusterId: string;
    readonly nodes: ClusterNodes;
    readonly listeners: readonly ClientListener[];
    readonly config: Readonly<Record<string, string>>;
  },
): Cluster {
  const { clusterName: name, clusterId, nodes, listeners } = options;
  const uuid = uuidOf(clusterId);
  const now = world.clock.now();
  const subnets = nodes.ids.map((id) => `subnet-${id}`);
  return {
    arn: clusterArn(PLACE, name, uuid),
    name,
    uuid,
    clusterId,
    region: PLACE.region,
    createdAt: now,
    spec: withDefaults({
      kafkaVersion: DEFAULT_KAFKA_VERSION,
      numberOfBrokerNodes: nodes.ids.length,
      brokerNodeGroupInfo: { instanceType: DEFAULT_INSTANCE_TYPE, clientSubnets: subnets },
    }),
    tags: {},
    brokerConfig: options.config,
    properties: {},
    brokers: nodes.ids.map((id, zone) => ({
      id,
      zone,
      subnet: subnets[zone] ?? '',
      portBase: nodes.port(id, FIRST_LISTENER) - PORT_OFFSET.plaintext,
      jmxExporterOffset: PORT_OFFSET.jmxExporter,
      endpoints: endpointsOf(nodes, id, listeners),
      instanceType: DEFAULT_INSTANCE_TYPE,
      listeners: ['plaintext'],
      properties: null,
      clientCas: [],
      kafkaVersion: null,
      addedAt: now,
    })),
    firstKafkaVersion: null,
    exactPorts: true,
    state: 'ACTIVE',
    stateInfo: null,
    step: 'STARTED',
    operationArn: null,
    bytesPerSecond: null,
    zonesDown: [],
    policy: null,
    policyRevision: 0,
    revision: 1,
  };
}

/** The 16 bytes of Kafka's id in the spelling of ARNs. */
function uuidOf(clusterId: string): string {
  const hex = Buffer.from(clusterId, 'base64url').toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
