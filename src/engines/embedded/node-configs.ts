import { join } from 'node:path';
import type { Cluster } from '../../control/state/cluster.ts';
import { PORT_OFFSET } from '../../control/state/ports.ts';
import { zoneId } from '../../control/zone-id.ts';
import { brokerFolder, CONTROLLER_FOLDER } from './layout.ts';
import type { NodeConfig } from './node-config.ts';

export interface NodeHosts {
  /** Where brokers listen for clients. */
  readonly host: string;
  /** What clients are told to connect to. */
  readonly advertise: string;
}

/** Beyond any broker id that MSK gives out, so that it never meets one. */
const CONTROLLER_ID = 10_000;
/** Brokers and controller of a cluster share this machine, so nobody else needs to reach what they say to each other. */
const INTERNAL_HOST = '127.0.0.1';

/** The processes of a cluster: its controller, then its brokers. */
export function nodeConfigs(cluster: Cluster, folder: string, hosts: NodeHosts): NodeConfig[] {
  const [first] = cluster.brokers;
  const controller = {
    host: INTERNAL_HOST,
    port: (first?.portBase ?? 0) + PORT_OFFSET.controller,
  };
  return [
    {
      kind: 'controller',
      cluster: cluster.name,
      options: {
        nodeId: CONTROLLER_ID,
        clusterId: cluster.clusterId,
        dataDirectory: join(folder, CONTROLLER_FOLDER),
        ...controller,
        config: cluster.brokerConfig,
      },
    },
    ...cluster.brokers.map(
      (broker): NodeConfig => ({
        kind: 'broker',
        cluster: cluster.name,
        options: {
          clusterId: cluster.clusterId,
          brokerId: broker.id,
          rack: zoneId(cluster.region, broker.zone),
          dataDirectory: join(folder, brokerFolder(broker.id)),
          controller: { id: CONTROLLER_ID, ...controller },
          listeners: [
            {
              name: 'CLIENT',
              purpose: 'client',
              host: hosts.host,
              port: broker.portBase + PORT_OFFSET.plaintext,
              advertisedHost: hosts.advertise,
            },
            {
              name: 'REPLICATION',
              purpose: 'replication',
              host: INTERNAL_HOST,
              port: broker.portBase + PORT_OFFSET.replication,
            },
          ],
          config: cluster.brokerConfig,
        },
      }),
    ),
  ];
}
