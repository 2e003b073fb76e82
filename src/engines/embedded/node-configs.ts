import { join } from 'node:path';
import type { BrokerListener } from '../../broker/broker.ts';
import { brokerLimits } from '../../control/aws/instance-types.ts';
import { releaseOf } from '../../control/aws/kafka-versions.ts';
import { zoneId } from '../../control/aws/zone-id.ts';
import { BROKER_ID, hostOfBroker } from '../../control/broker-host.ts';
import { clientEndpoints } from '../../control/endpoints/client-endpoints.ts';
import type { AdvertisedHosts, ClientEndpoint } from '../../control/endpoints/endpoint.ts';
import { controllerEndpoint, replicationEndpoint } from '../../control/endpoints/node-endpoints.ts';
import { type BrokerPlace, type Cluster, startConfig } from '../../control/state/cluster.ts';
import {
  CLIENT_LISTENERS,
  clientAuthOf,
  encryptsInCluster,
  isEncrypted,
  signInOf,
} from '../../control/state/listeners.ts';
import type { PeerAccess } from '../../security/peers/peer-secret.ts';
import { type PeerTlsFiles, peerListenerTls } from '../../security/peers/peer-tls.ts';
import { brokerFolder, CONTROLLER_FOLDER, clientCasFile, listenersFile, PROCESS_FILES } from './layout.ts';
import type { NodeConfig } from './node-config.ts';
import { peerCaFile } from './peer-authority.ts';

export interface NodeHosts {
  /** Where brokers listen for clients, and what those are told. */
  readonly advertised: AdvertisedHosts;
  /**
   * The file with the secret that lets the cluster's nodes in; without it their listeners let everybody in.
   */
  readonly peerSecretFile?: string;
  readonly peerAccess?: PeerAccess;
}

/** Beyond any broker id that MSK gives out, so that it never meets one. */
const CONTROLLER_ID = 10_000;

/**
 * Brokers and controller are on one machine, where three seconds of silence are no busy network: who is
 * silent so long is stopped or hangs, and its partitions are led elsewhere. Kafka's own are 9 and 2 s.
 */
const SESSIONS = { 'broker.session.timeout.ms': '3000', 'broker.heartbeat.interval.ms': '500' };

/** The processes of a cluster: its controller, then its brokers. */
export function nodeConfigs(cluster: Cluster, folder: string, hosts: NodeHosts): NodeConfig[] {
  const { host, port } = controllerEndpoint(cluster);
  const controller = { host, port };
  const brokerHost = hosts.advertised[0].host;
  const { peerSecretFile, peerAccess } = hosts;
  const secret = {
    ...(peerSecretFile === undefined ? {} : { peerSecretFile }),
    ...(peerAccess === undefined ? {} : { peerAccess }),
  };
  const peerTls = (node: string): { readonly peerTls?: PeerTlsFiles } =>
    encryptsInCluster(cluster.spec)
      ? { peerTls: { ...peerCaFile(folder, cluster.uuid), identity: join(folder, node, PROCESS_FILES.peer) } }
      : {};
  // Brokers with addresses of their own use them for everything they say.
  const isOwn = brokerHost.includes(BROKER_ID);
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
      const replication = replicationEndpoint(cluster, broker, brokerHost);
      return {
        kind: 'broker',
        cluster: cluster.name,
        heapMegabytes: limits.heapMegabytes,
        ...(isOwn ? { localHost: hostOfBroker(brokerHost, broker.id) } : {}),
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
            ...clientEndpoints(broker, hosts.advertised).map((endpoint) =>
              clientListener(endpoint, broker, folder),
            ),
            {
              name: replication.listener,
              purpose: 'replication',
              host: replication.host,
              port: replication.port,
              ...(peers.peerTls
                ? { security: replication.security, tls: peerListenerTls(peers.peerTls, peerAccess) }
                : {}),
            },
          ],
          config: { ...limits.config, ...SESSIONS, ...startConfig(cluster, broker) },
        },
      };
    }),
  ];
}

/**
 * Nodes of clusters that an older release made have none; with one they would have another configuration, and
 * restart.
 */
function releaseFor(version: string | null): { readonly release?: string } {
  return version === null ? {} : { release: releaseOf(version) };
}

function clientListener(
  { kind, nth, listener: name, security, host, port, advertisedHost }: ClientEndpoint,
  { id, clientCas }: BrokerPlace,
  folder: string,
): BrokerListener {
  const more = nth === 0 ? {} : { configsOf: CLIENT_LISTENERS[kind].name };
  const listener = { name, purpose: 'client', host, port, advertisedHost, ...more } as const;
  // Older clusters have it without a protocol, and a change of the text would restart them.
  if (!isEncrypted(kind)) return listener;
  const own = join(folder, brokerFolder(id));
  const file = join(own, listenersFile(nth));
  const clientAuth = clientAuthOf(kind);
  return {
    ...listener,
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
