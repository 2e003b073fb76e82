import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** Where things stand in the data folder, and nowhere else. */

export function clustersFolder(dataDirectory: string): string {
  return join(dataDirectory, 'clusters');
}

export function clusterFolder(
  dataDirectory: string,
  cluster: { readonly name: string; readonly uuid: string },
): string {
  return join(clustersFolder(dataDirectory), `${cluster.name}-${cluster.uuid}`);
}

export const CONTROLLER_FOLDER = 'controller';

/** In the folder of a cluster: what its nodes know each other by. */
export const PEER_SECRET_FILE = 'peer-secret';

/**
 * Beside it: whom the nodes let in, or are to from their next start on. Clusters of releases that had no
 * secret have none.
 */
export const PEER_ACCESS_FILE = 'peer-access';

/**
 * In the folder of a cluster whose nodes encrypt: the CA that signs for them, and those before and after it.
 * The nodes read the certificates alone.
 */
export const PEER_CA_FILES = { key: 'peer-ca-key.pem', certificate: 'peer-ca.pem' } as const;

/** Beside it: certificate and key by which the cluster's nodes know the control plane. */
export const CONTROL_PLANE_FILE = 'control-plane.pem';

/**
 * In the folder of a broker: the certificates of the CAs that it believes clients from. Named after these, so
 * that other CAs are another configuration, and whom they do not vouch for is disconnected by the restart.
 */
export function clientCasFile(arns: readonly string[]): string {
  return `client-cas-${createHash('sha256').update(arns.join('\n')).digest('hex').slice(0, 16)}.pem`;
}

/**
 * In the folder of a broker: certificate and key of its encrypted listeners under the nth advertised host.
 * Each host has its own: with another host beside it a client that trusts the CA for its own host alone would
 * refuse the whole certificate.
 */
export function listenersFile(nth: number): string {
  return nth === 0 ? 'listeners.pem' : `listeners-${nth + 1}.pem`;
}

export function brokerFolder(brokerId: number): string {
  return `broker-${brokerId}`;
}

/** The files of a process in its own folder, beside what it stores there. */
export const PROCESS_FILES = {
  config: 'process.json',
  socket: 'process.sock',
  /** Whose pid it was: believed only together with the lock and the command line. */
  identity: 'process-id.json',
  log: 'process.log',
  /** Which of a broker's exporters are open. */
  exporters: 'exporters.json',
  /** Certificate and key by which the other nodes of the cluster know this one. */
  peer: 'peer.pem',
} as const;
