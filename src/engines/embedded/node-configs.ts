import { join } from 'node:path';
import type { BrokerListener } from '../../broker/broker.ts';
import { replicationHost } from '../../control/access/cluster-access.ts';
import { tlsName } from '../../control/access/tls-names.ts';
import { brokerLimits } from '../../control/aws/instance-types.ts';
import { releaseOf } from '../../control/aws/kafka-versions.ts';
import { zoneId } from '../../control/aws/zone-id.ts';
import { BROKER_ID, hostOfBroker } from '../../control/broker-host.ts';
import { type BrokerPlace, type Cluster, startConfig } from '../../control/state/cluster.ts';
import {
  CLIENT_LISTENERS,
  clientAuthOf,
  encryptsInCluster,
  isEncrypted,
  type ListenerKind,
  signInOf,
} from '../../control/state/listeners.ts';
import { PORT_OFFSET } from '../../control/state/ports.ts';
import { type PeerTlsFiles, peerListenerTls } from '../../security/peers/peer-tls.ts';
import { brokerFolder, CONTROLLER_FOLDER, clientCasFile, PROCESS_FILES } from './layout.ts';
import type { NodeConfig } from './node-config.ts';
import { peerCaFile } from './peer-authority.ts';

export interface NodeHosts {
  /** Where brokers listen for clients. */
  readonly brokerHost: string;
  /** What clients are told to connect to. In both, `{id}` is the broker's number. */
  readonly advertise: string;
  /** The file with the secret that lets the cluster's nodes in; without it their listeners let everybody in. */
  readonly peerSecretFile?: string;
}

/** Beyond any broker id that MSK gives out, so that it never meets one. */
const CONTROLLER_ID = 10_000;
/** Brokers and controller of a cluster share this machine, so nobody else needs to reach what they say to each other. */
const INTERNAL_HOST = '127.0.0.1';

/**
 * Brokers and controller are on one machine, where three seconds of silence are no busy network: who is silent so long is stopped or hangs,
 * and its partitions are led elsewhere. Kafka's own are 9 and 2 s.
 */
const SESSIONS = { 'broker.session.timeout.ms': '3000', 'broker.heartbeat.interval.ms': '500' };

/** The processes of a cluster: its controller, then its brokers. */
export function nodeConfigs(cluster: Cluster, folder: string, hosts: NodeHosts): NodeConfig[] {
  const [first] = cluster.brokers;
  const controller = {
    host: INTERNAL_HOST,
    port: (first?.portBase ?? 0) + PORT_OFFSET.controller,
  };
  const secret = hosts.peerSecretFile === undefined ? {} : { peerSecretFile: hosts.peerSecretFile };
  const peerTls = (node: string): { readonly peerTls?: PeerTlsFiles } =>
    encryptsInCluster(cluster.spec)
      ? { peerTls: { ...peerCaFile(folder, cluster.uuid), identity: join(folder, node, PROCESS_FILES.peer) } }
      : {};
  // Brokers with addresses of their own use them for everything they say.
  const isOwn = hosts.brokerHost.includes(BROKER_ID);
  return [
    {
      kind: 'controller',
      cluster: cluster.name,
      options: {
        nodeId: CONTROLLER_ID,
        clusterId: cluster.clusterId,
        dataDirectory: join(folder, CONTROLLER_FOLDER),
        ...controller,
        ...secret,
        ...peerTls(CONTROLLER_FOLDER),
        ...releaseFor(cluster.firstKafkaVersion),
        config: { ...SESSIONS, ...startConfig(cluster) },
      },
    },
    ...cluster.brokers.map((broker): NodeConfig => {
      const limits = brokerLimits(broker.instanceType);
      const peers = peerTls(brokerFolder(broker.id));
      return {
        kind: 'broker',
        cluster: cluster.name,
        heapMegabytes: limits.heapMegabytes,
        ...(isOwn ? { localHost: hostOfBroker(hosts.brokerHost, broker.id) } : {}),
        options: {
          clusterId: cluster.clusterId,
          brokerId: broker.id,
          rack: zoneId(cluster.region, broker.zone),
          dataDirectory: join(folder, brokerFolder(broker.id)),
          controller: { id: CONTROLLER_ID, ...controller },
          ...secret,
          ...peers,
          ...releaseFor(broker.kafkaVersion),
          listeners: [
            ...broker.listeners.map((kind) => clientListener(kind, broker, { hosts, folder })),
            {
              name: 'REPLICATION',
              purpose: 'replication',
              host: replicationHost(hosts.brokerHost, broker.id),
              port: broker.portBase + PORT_OFFSET.replication,
              ...(peers.peerTls ? { security: 'SASL_SSL', tls: peerListenerTls(peers.peerTls) } : {}),
            },
          ],
          config: { ...limits.config, ...SESSIONS, ...startConfig(cluster, broker) },
        },
      };
    }),
  ];
}

/** Nodes of clusters that an older release made have none; with one they would have another configuration, and restart. */
function releaseFor(version: string | null): { readonly release?: string } {
  return version === null ? {} : { release: releaseOf(version) };
}

function clientListener(
  kind: ListenerKind,
  { id, portBase, clientCas }: BrokerPlace,
  { hosts, folder }: { readonly hosts: NodeHosts; readonly folder: string },
): BrokerListener {
  const { name, security, offset } = CLIENT_LISTENERS[kind];
  const listener = {
    name,
    purpose: 'client',
    host: hostOfBroker(hosts.brokerHost, id),
    port: portBase + offset,
  } as const;
  // Older clusters have it without a protocol, and a change of the text would restart them.
  if (!isEncrypted(kind)) return { ...listener, advertisedHost: hostOfBroker(hosts.advertise, id) };
  const own = join(folder, brokerFolder(id));
  const file = join(own, PROCESS_FILES.listeners);
  const clientAuth = clientAuthOf(kind);
  return {
    ...listener,
    advertisedHost: tlsName(hosts.advertise, id) ?? hostOfBroker(hosts.advertise, id),
    security,
    ...signInOf(kind),
    tls: {
      certificate: file,
      key: file,
      clientAuth,
      ...(clientAuth === 'none' ? {} : { clientCas: join(own, clientCasFile(clientCas)) }),
    },
  };
}
